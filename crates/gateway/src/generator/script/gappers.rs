//! Stocks that truly gap before the open, each in its own way.

use super::{News, Plan, Script, Sector, Size, StoryKind, at, stock};

/// +23 % on results at 06:40, and on from there after the open.
pub(super) fn earnings() -> Script {
    Script {
        company: stock("KVRA", "Kavara Systems", Sector::Technology, Size::Mid).with(84.2, 2.6e6, 9.4e7),
        kind: StoryKind::Gapper,
        about: "results far above expectations at 06:40; keeps rising after the open",
        plan: |scene| Plan {
            moves: vec![
                (at(6, 40), 0.004),
                (at(6, 42), 0.09),
                (at(6, 50), 0.14),
                (at(8, 0), 0.155),
                (at(9, 0), 0.198),
                (at(9, 25), 0.231),
                (at(9, 45), 0.265),
                (at(10, 30), 0.315),
                (at(12, 0), 0.30),
                (scene.close, 0.325),
            ],
            noise: 0.003,
            pace: vec![(at(9, 30)..scene.close, 6.0)],
            surges: vec![
                (at(6, 40)..at(8, 0), 4.2e5),
                (at(8, 0)..at(9, 0), 3.8e5),
                (at(9, 0)..at(9, 30), 4.8e5),
                (scene.close..scene.close + 60, 3e5),
            ],
            ..Plan::default()
        },
        news: vec![
            News {
                minute: at(6, 40),
                provider: "DJNL",
                title: "Kavara Systems 4Q EPS $1.42 vs $0.97 expected; raises full-year revenue outlook to $2.1B",
                body: "Kavara Systems reported fourth-quarter earnings of $1.42 a share on revenue of $538 million, above expectations of \
                       $0.97 and $489 million. The company raised its full-year revenue outlook to $2.1 billion from $1.85 billion.",
            },
            News {
                minute: at(6, 43),
                provider: "BRFG",
                title: "Kavara Systems (KVRA) beats by $0.45, beats on revs; guides FY26 revs above consensus",
                body: "Reports Q4 earnings of $1.42 per share, $0.45 better than consensus; revenues rose 31 % to $538 million.",
            },
        ],
        halt: None,
    }
}

/// +12 % on an approval at 07:15, higher at 08:30, giving it all back after the open.
pub(super) fn approval() -> Script {
    Script {
        company: stock("BIOZ", "Biozenith Therapeutics", Sector::Health, Size::Mid).with(31.4, 1.4e6, 5.8e7),
        kind: StoryKind::Gapper,
        about: "a drug approval at 07:15; fades after the open",
        plan: |scene| Plan {
            moves: vec![
                (at(7, 15), 0.0),
                (at(7, 17), 0.06),
                (at(8, 0), 0.115),
                (at(8, 30), 0.165),
                (at(9, 0), 0.145),
                (at(9, 25), 0.121),
                (at(9, 50), 0.08),
                (at(10, 30), 0.05),
                (scene.close, 0.035),
            ],
            noise: 0.003,
            pace: vec![(at(9, 30)..scene.close, 5.0)],
            surges: vec![(at(7, 15)..at(8, 0), 2.8e5), (at(8, 0)..at(9, 0), 3.0e5), (at(9, 0)..at(9, 30), 2.2e5)],
            ..Plan::default()
        },
        news: vec![News {
            minute: at(7, 15),
            provider: "DJNL",
            title: "FDA approves Biozenith Therapeutics' Zenlivra for moderate to severe plaque psoriasis",
            body: "The U.S. Food and Drug Administration approved Zenlivra ahead of its action date of April 2. Biozenith expects to begin \
                   selling the drug in the second quarter.",
        }],
        halt: None,
    }
}

/// A small float that trades several times its usual day before the open: +52 % at 09:00, +38 % at 09:25.
pub(super) fn small_cap() -> Script {
    Script {
        company: stock("NQTR", "Nanoquarter Energy", Sector::Energy, Size::Small).with(4.85, 1.1e6, 1.4e7),
        kind: StoryKind::Gapper,
        about: "a supply contract at 05:30 on a small float, with a multiple of a usual day's volume before the open",
        plan: |scene| Plan {
            moves: vec![
                (at(5, 30), 0.01),
                (at(5, 32), 0.08),
                (at(7, 0), 0.17),
                (at(8, 0), 0.22),
                (at(9, 0), 0.52),
                (at(9, 25), 0.38),
                (at(9, 30), 0.37),
                (at(9, 36), 0.48),
                (at(10, 30), 0.30),
                (at(12, 0), 0.22),
                (scene.close, 0.15),
            ],
            noise: 0.004,
            pace: vec![(at(9, 30)..scene.close, 15.0)],
            surges: vec![(at(5, 30)..at(8, 0), 1.6e6), (at(8, 0)..at(9, 0), 3.2e6), (at(9, 0)..at(9, 30), 2.4e6)],
            ..Plan::default()
        },
        news: vec![News {
            minute: at(5, 30),
            provider: "BRFG",
            title: "Nanoquarter Energy (NQTR) signs five-year battery supply contract worth up to $240 mln",
            body: "Nanoquarter Energy signed a contract to supply grid batteries to a European utility over five years, worth up to $240 million.",
        }],
        halt: None,
    }
}

/// −17 % on a cut of guidance at 07:20.
pub(super) fn guidance() -> Script {
    Script {
        company: stock("TRLQ", "Tralique Brands", Sector::Consumer, Size::Mid).with(56.1, 3.1e6, 1.7e8),
        kind: StoryKind::Gapper,
        about: "guidance cut at 07:20; gaps down and stays down",
        plan: |scene| Plan {
            moves: vec![
                (at(7, 20), 0.0),
                (at(7, 23), -0.05),
                (at(8, 0), -0.10),
                (at(9, 0), -0.145),
                (at(9, 25), -0.171),
                (at(9, 45), -0.20),
                (at(12, 0), -0.18),
                (scene.close, -0.192),
            ],
            noise: 0.003,
            pace: vec![(at(9, 30)..scene.close, 5.0)],
            surges: vec![(at(7, 20)..at(8, 0), 3.0e5), (at(8, 0)..at(9, 0), 4.2e5), (at(9, 0)..at(9, 30), 5.0e5)],
            ..Plan::default()
        },
        news: vec![News {
            minute: at(7, 20),
            provider: "DJNL",
            title: "Tralique Brands cuts full-year outlook on weak demand; sees EPS $2.10-$2.30 vs $3.05 expected",
            body: "Tralique Brands lowered its full-year earnings outlook to between $2.10 and $2.30 a share, citing weaker demand and higher \
                   promotional spending. Analysts had expected $3.05.",
        }],
        halt: None,
    }
}

/// +6 % on an upgrade at 08:20: nothing to see at 08:00.
pub(super) fn upgrade() -> Script {
    Script {
        company: stock("WNDZ", "Windzell Power", Sector::Industrials, Size::Large).with(112.5, 4.2e6, 4.4e8),
        kind: StoryKind::Gapper,
        about: "an upgrade at 08:20, after the 08:00 scan",
        plan: |scene| Plan {
            moves: vec![
                (at(8, 20), 0.002),
                (at(8, 22), 0.03),
                (at(9, 0), 0.048),
                (at(9, 25), 0.061),
                (at(11, 0), 0.072),
                (scene.close, 0.068),
            ],
            noise: 0.0015,
            pace: vec![(at(9, 30)..scene.close, 2.5)],
            surges: vec![(at(8, 20)..at(9, 0), 1.9e5), (at(9, 0)..at(9, 30), 2.9e5)],
            ..Plan::default()
        },
        news: vec![News {
            minute: at(8, 20),
            provider: "BRFUPDN",
            title: "Windzell Power (WNDZ) upgraded to Buy from Hold at Larchmont Securities; target raised to $140",
            body: "Larchmont Securities upgraded Windzell Power to Buy and raised its price target to $140 from $115, citing its order book.",
        }],
        halt: None,
    }
}

/// +9 % on a rumour, denied at 08:25.
pub(super) fn faded() -> Script {
    Script {
        company: stock("FDLR", "Fadelor Materials", Sector::Materials, Size::Mid).with(27.3, 9e5, 6.6e7),
        kind: StoryKind::FadedGapper,
        about: "a takeover rumour at 06:10, denied at 08:25",
        plan: |scene| Plan {
            moves: vec![
                (at(6, 10), 0.0),
                (at(6, 13), 0.06),
                (at(8, 0), 0.094),
                (at(8, 24), 0.09),
                (at(8, 30), 0.02),
                (at(9, 0), 0.015),
                (at(9, 25), 0.008),
                (scene.close, -0.01),
            ],
            noise: 0.002,
            pace: vec![(at(9, 30)..scene.close, 2.0)],
            surges: vec![(at(6, 10)..at(8, 0), 3.6e5), (at(8, 0)..at(9, 0), 1.8e5), (at(9, 0)..at(9, 30), 3e4)],
            ..Plan::default()
        },
        news: vec![
            News {
                minute: at(6, 10),
                provider: "BRFG",
                title: "Fadelor Materials (FDLR) said to be approached by larger rival -- press",
                body: "Fadelor Materials has received a preliminary approach from a larger rival, according to a press report.",
            },
            News {
                minute: at(8, 25),
                provider: "DJNL",
                title: "Fadelor Materials denies report, says it is not in talks with any party",
                body: "Fadelor Materials said it is not in discussions with any party regarding a sale of the company.",
            },
        ],
        halt: None,
    }
}

/// Halted for news at 09:12, at +34 %; resumes at 10:05.
pub(super) fn halted() -> Script {
    Script {
        company: stock("HVLQ", "Havelock Quantum", Sector::Technology, Size::Small).with(12.6, 7e5, 2.1e7),
        kind: StoryKind::HaltedGapper,
        about: "halted at 09:12 with news pending, resumes at 10:05",
        plan: |scene| Plan {
            moves: vec![
                (at(7, 50), 0.0),
                (at(7, 53), 0.10),
                (at(8, 0), 0.14),
                (at(9, 0), 0.27),
                (at(9, 12), 0.34),
                (at(10, 4), 0.34),
                (at(10, 5), 0.47),
                (at(10, 20), 0.58),
                (at(12, 0), 0.41),
                (scene.close, 0.38),
            ],
            noise: 0.004,
            pace: vec![(at(10, 5)..scene.close, 18.0)],
            surges: vec![(at(7, 50)..at(9, 0), 7.5e5), (at(9, 0)..at(9, 12), 6.0e5), (at(10, 5)..at(10, 20), 1.5e6)],
            silence: Some(at(9, 12)..at(10, 5)),
            prints: None,
        },
        news: vec![
            News {
                minute: at(7, 50),
                provider: "BRFG",
                title: "Havelock Quantum (HVLQ) moving sharply higher on heavy volume",
                body: "Shares of Havelock Quantum are moving sharply higher in pre-market trading. No news has been published.",
            },
            News {
                minute: at(9, 12),
                provider: "BRFG",
                title: "Havelock Quantum (HVLQ) trading halted, news pending (T1)",
                body: "Trading in Havelock Quantum was halted at 09:12 ET pending news.",
            },
            News {
                minute: at(9, 50),
                provider: "DJNL",
                title: "Havelock Quantum to be acquired for $20 a share in cash by unnamed consortium; trading resumes 10:05 ET",
                body: "Havelock Quantum agreed to be acquired for $20 a share in cash. Trading resumes at 10:05 ET.",
            },
        ],
        halt: Some((at(9, 12), at(10, 5))),
    }
}
