//! The 61 candlestick patterns, as TA-Lib recognises them.

use ta_lib::abstract_api::FuncId;

use super::engine::Outputs;

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $function:ident,)+) => {
        /// A candlestick pattern. [`recognise`] finds it in bars.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Pattern {
            $($(#[$doc])* $name,)+
        }

        impl Pattern {
            /// All patterns, in TA-Lib's order.
            pub const ALL: &[Pattern] = &[$(Pattern::$name),+];

            /// TA-Lib's name, such as `CDLENGULFING`.
            pub fn name(self) -> &'static str {
                self.function().info().name
            }

            pub(super) fn function(self) -> FuncId {
                match self {
                    $(Pattern::$name => FuncId::$function),+
                }
            }
        }
    };
}

patterns! {
    /// Two Crows.
    TwoCrows = CDL2CROWS,
    /// Three Black Crows.
    ThreeBlackCrows = CDL3BLACKCROWS,
    /// Three Inside Up/Down.
    ThreeInside = CDL3INSIDE,
    /// Three-Line Strike.
    ThreeLineStrike = CDL3LINESTRIKE,
    /// Three Outside Up/Down.
    ThreeOutside = CDL3OUTSIDE,
    /// Three Stars In The South.
    ThreeStarsInTheSouth = CDL3STARSINSOUTH,
    /// Three Advancing White Soldiers.
    ThreeAdvancingWhiteSoldiers = CDL3WHITESOLDIERS,
    /// Abandoned Baby.
    AbandonedBaby = CDLABANDONEDBABY,
    /// Advance Block.
    AdvanceBlock = CDLADVANCEBLOCK,
    /// Belt-hold.
    BeltHold = CDLBELTHOLD,
    /// Breakaway.
    Breakaway = CDLBREAKAWAY,
    /// Closing Marubozu.
    ClosingMarubozu = CDLCLOSINGMARUBOZU,
    /// Concealing Baby Swallow.
    ConcealingBabySwallow = CDLCONCEALBABYSWALL,
    /// Counterattack.
    Counterattack = CDLCOUNTERATTACK,
    /// Dark Cloud Cover.
    DarkCloudCover = CDLDARKCLOUDCOVER,
    /// Doji.
    Doji = CDLDOJI,
    /// Doji Star.
    DojiStar = CDLDOJISTAR,
    /// Dragonfly Doji.
    DragonflyDoji = CDLDRAGONFLYDOJI,
    /// Engulfing.
    Engulfing = CDLENGULFING,
    /// Evening Doji Star.
    EveningDojiStar = CDLEVENINGDOJISTAR,
    /// Evening Star.
    EveningStar = CDLEVENINGSTAR,
    /// Side-by-side white lines after a gap.
    SideBySideWhiteLines = CDLGAPSIDESIDEWHITE,
    /// Gravestone Doji.
    GravestoneDoji = CDLGRAVESTONEDOJI,
    /// Hammer.
    Hammer = CDLHAMMER,
    /// Hanging Man.
    HangingMan = CDLHANGINGMAN,
    /// Harami.
    Harami = CDLHARAMI,
    /// Harami Cross.
    HaramiCross = CDLHARAMICROSS,
    /// High-Wave.
    HighWave = CDLHIGHWAVE,
    /// Hikkake.
    Hikkake = CDLHIKKAKE,
    /// Modified Hikkake.
    ModifiedHikkake = CDLHIKKAKEMOD,
    /// Homing Pigeon.
    HomingPigeon = CDLHOMINGPIGEON,
    /// Identical Three Crows.
    IdenticalThreeCrows = CDLIDENTICAL3CROWS,
    /// In-Neck.
    InNeck = CDLINNECK,
    /// Inverted Hammer.
    InvertedHammer = CDLINVERTEDHAMMER,
    /// Kicking.
    Kicking = CDLKICKING,
    /// Kicking, its direction that of the longer marubozu.
    KickingByLength = CDLKICKINGBYLENGTH,
    /// Ladder Bottom.
    LadderBottom = CDLLADDERBOTTOM,
    /// Long Legged Doji.
    LongLeggedDoji = CDLLONGLEGGEDDOJI,
    /// Long Line.
    LongLine = CDLLONGLINE,
    /// Marubozu.
    Marubozu = CDLMARUBOZU,
    /// Matching Low.
    MatchingLow = CDLMATCHINGLOW,
    /// Mat Hold.
    MatHold = CDLMATHOLD,
    /// Morning Doji Star.
    MorningDojiStar = CDLMORNINGDOJISTAR,
    /// Morning Star.
    MorningStar = CDLMORNINGSTAR,
    /// On-Neck.
    OnNeck = CDLONNECK,
    /// Piercing.
    Piercing = CDLPIERCING,
    /// Rickshaw Man.
    RickshawMan = CDLRICKSHAWMAN,
    /// Rising/Falling Three Methods.
    RisingFallingThreeMethods = CDLRISEFALL3METHODS,
    /// Separating Lines.
    SeparatingLines = CDLSEPARATINGLINES,
    /// Shooting Star.
    ShootingStar = CDLSHOOTINGSTAR,
    /// Short Line.
    ShortLine = CDLSHORTLINE,
    /// Spinning Top.
    SpinningTop = CDLSPINNINGTOP,
    /// Stalled.
    Stalled = CDLSTALLEDPATTERN,
    /// Stick Sandwich.
    StickSandwich = CDLSTICKSANDWICH,
    /// Takuri: a dragonfly doji with a very long lower shadow.
    Takuri = CDLTAKURI,
    /// Tasuki Gap.
    TasukiGap = CDLTASUKIGAP,
    /// Thrusting.
    Thrusting = CDLTHRUSTING,
    /// Tristar.
    Tristar = CDLTRISTAR,
    /// Unique 3 River.
    UniqueThreeRiver = CDLUNIQUE3RIVER,
    /// Upside Gap Two Crows.
    UpsideGapTwoCrows = CDLUPSIDEGAP2CROWS,
    /// Upside/Downside Gap Three Methods.
    SideGapThreeMethods = CDLXSIDEGAP3METHODS,
}

/// Where `pattern` is complete: 100 (200 when confirmed) where it is bullish, −100 (−200) where bearish, else 0, the look-back included.
///
/// Thresholds of bodies and shadows are TA-Lib's defaults; the depth to which a later candle must penetrate (in stars, dark
/// cloud cover and the like) too. A pattern is told at the bar that completes or confirms it, never before.
///
/// # Panics
/// When the columns differ in length.
///
/// # References
/// S. Nison, *Japanese Candlestick Charting Techniques*, 1991; definitions of TA-Lib.
///
/// ```
/// use bellwether::indicators::candles::{Pattern, recognise};
/// let (open, close) = ([10.0, 9.0, 8.5], [9.5, 8.6, 9.5]);
/// let (high, low) = ([10.1, 9.1, 9.6], [9.4, 8.5, 8.4]);
/// assert_eq!(recognise(Pattern::Engulfing, &open, &high, &low, &close), [0, 0, 100]);
/// ```
pub fn recognise(pattern: Pattern, open: &[f64], high: &[f64], low: &[f64], close: &[f64]) -> Vec<i32> {
    Outputs::of(pattern.function(), &[open, high, low, close], &[])
}
