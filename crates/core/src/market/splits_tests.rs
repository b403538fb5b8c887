use super::*;

fn judge(prev_close: f64, price: f64, volume: f64, typical: Option<f64>) -> Option<f64> {
    suspect_split(&SplitEvidence { prev_close, price, volume, typical_daily_volume: typical }).map(|(ratio, _)| ratio)
}

#[test]
fn quiet_jumps_near_n_to_one_are_splits() {
    assert_eq!(judge(0.57, 7.62, 2_536.0, Some(3_154_652.0)), Some(1.0 / 13.0));
    assert_eq!(judge(0.03, 3.4, 464_517.0, Some(10_330_385.0)), Some(1.0 / 113.0));
    assert_eq!(judge(1_208.88, 121.0, 9_000_000.0, Some(45_000_000.0)), Some(10.0), "ten new shares for one");
    assert_eq!(judge(300.0, 201.0, 50_000.0, Some(4_000_000.0)), Some(1.5), "three for two");
    assert_eq!(judge(2.0, 4.1, 20_000.0, Some(1_000_000.0)), Some(0.5));
}

#[test]
fn loud_jumps_are_moves_whatever_their_ratio() {
    assert_eq!(judge(1.55, 4.67, 11_455_877.0, Some(7_530.0)), None);
    assert_eq!(judge(0.5279, 1.0099, 42_161_693.0, Some(974_926.0)), None);
    assert_eq!(judge(1.44, 4.1997, 111_744_146.0, Some(12_500_000.0)), None);
    assert_eq!(judge(40.0, 20.0, 30_000_000.0, Some(5_000_000.0)), None, "a crash on volume");
}

#[test]
fn ordinary_gaps_are_never_splits() {
    for percent in -30..=60 {
        let price = 100.0 + f64::from(percent);
        assert_eq!(judge(100.0, price, 0.0, Some(1e6)), None, "{percent} %");
    }
}

#[test]
fn without_a_volume_history_only_the_impossible_is_suspected() {
    assert_eq!(judge(1.0, 3.0, 1e6, None), None);
    assert_eq!(judge(1.0, 20.0, 1e6, None), Some(0.05));
    assert_eq!(judge(0.0, 20.0, 1e6, None), None, "no previous price, no ratio");
}
