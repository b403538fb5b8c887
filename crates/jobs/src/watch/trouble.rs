//! What is wrong, since when, and what of it was told.

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};

use super::report::FeedReport;

/// Subscriptions that a message names.
const NAMED: usize = 8;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No connection to the gateway.
    Disconnected { address: String, problem: String },
    /// The gateway is without IB.
    ServersLost,
    /// A farm is broken.
    Farm { name: String, serves: String },
    /// Subscriptions that should speak and do not.
    Silent { count: usize, named: Vec<String> },
}

impl Trouble {
    /// What makes two reports of trouble the same trouble.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Disconnected { .. } => "connection".to_owned(),
            Self::ServersLost => "servers".to_owned(),
            Self::Farm { name, .. } => format!("farm {name}"),
            Self::Silent { .. } => "subscriptions".to_owned(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected { address, problem } => write!(f, "no connection to IB Gateway at {address}: {problem}"),
            Self::ServersLost => f.write_str("IB Gateway has no connection to IB (1100)"),
            Self::Farm { name, serves } => write!(f, "IB's {serves} farm {name} is broken"),
            Self::Silent { count, named } => {
                write!(f, "{count} subscriptions are silent: {}", named.join("; "))?;
                if *count > named.len() { write!(f, "; and {} more", count - named.len()) } else { Ok(()) }
            }
        }
    }
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) trouble: Trouble,
    pub(super) since: Timestamp,
    /// It is over, after so long.
    pub(super) over: Option<SignedDuration>,
}

/// What is wrong at present.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    present: BTreeMap<String, Present>,
}

#[derive(Debug)]
struct Present {
    trouble: Trouble,
    since: Timestamp,
    told: bool,
}

impl Troubles {
    /// Compares the report with what is known; what has lasted longer than `patience` is told while `watched`, once, and
    /// its end is told once.
    pub(super) fn judge(&mut self, report: &FeedReport, now: Timestamp, patience: SignedDuration, watched: bool) -> Vec<Told> {
        let found: BTreeMap<String, (Trouble, Timestamp)> =
            found(report).into_iter().map(|(trouble, since)| (trouble.name(), (trouble, since))).collect();
        let mut told = Vec::new();
        self.present.retain(|name, present| {
            let lasts = found.contains_key(name);
            if !lasts && present.told {
                let over = Some(now.duration_since(present.since));
                told.push(Told { trouble: present.trouble.clone(), since: present.since, over });
            }
            lasts
        });
        for (name, (trouble, since)) in found {
            let present = self.present.entry(name).or_insert(Present { trouble: trouble.clone(), since, told: false });
            present.trouble = trouble;
            if !present.told && watched && now.duration_since(present.since) >= patience {
                present.told = true;
                told.push(Told { trouble: present.trouble.clone(), since: present.since, over: None });
            }
        }
        told
    }
}

/// What a report shows to be wrong. Behind a lost connection nothing else is looked for.
fn found(report: &FeedReport) -> Vec<(Trouble, Timestamp)> {
    if !report.connected {
        let trouble = Trouble::Disconnected { address: report.address.clone(), problem: report.problem.clone() };
        return report.since.map(|since| (trouble, since)).into_iter().collect();
    }
    if let Some(since) = report.servers_lost_since {
        return vec![(Trouble::ServersLost, since)];
    }
    let broken = report.farms.iter().filter(|farm| farm.broken);
    let mut found: Vec<(Trouble, Timestamp)> =
        broken.map(|farm| (Trouble::Farm { name: farm.name.clone(), serves: farm.serves.clone() }, farm.since)).collect();
    let silent: Vec<_> = report.silent.iter().filter(|it| !it.waiting).collect();
    if let Some(oldest) = silent.first() {
        let named = silent.iter().take(NAMED).map(|it| format!("{} of {}: {}", it.kind, it.symbol, it.state)).collect();
        found.push((Trouble::Silent { count: silent.len(), named }, oldest.since));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{super::report::FeedSubscription, *};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_773_149_400 + second).unwrap()
    }

    fn report(connected: bool, since: i64) -> FeedReport {
        FeedReport {
            at: at(since),
            address: "127.0.0.1:4002".to_owned(),
            client_id: 17,
            connected,
            since: Some(at(since)),
            problem: "connection refused".to_owned(),
            next_attempt_at: None,
            server_version: Some(226),
            servers_lost_since: None,
            farms: Vec::new(),
            lines_used: 0,
            lines_allowed: 100,
            budgets: Vec::new(),
            waiting: 0,
            live: 0,
            subscribed: 0,
            silent: Vec::new(),
            last_event_at: None,
            counters: serde_json::Map::new(),
        }
    }

    #[test]
    fn trouble_that_lasts_is_told_once_and_so_is_its_end() {
        let patience = SignedDuration::from_secs(90);
        let mut troubles = Troubles::default();
        let mut judge = |report: &FeedReport, now: i64, watched| troubles.judge(report, at(now), patience, watched);
        let down = report(false, 0);
        assert_eq!(judge(&down, 60, true), []);
        assert_eq!(judge(&down, 100, false), [], "nobody needs data now");
        let told = judge(&down, 105, true);
        assert_eq!((told.len(), told[0].since, told[0].over), (1, at(0), None));
        assert!(told[0].trouble.to_string().contains("connection refused"));
        assert_eq!(judge(&down, 110, true), []);
        let over = judge(&report(true, 120), 125, true);
        assert_eq!((over.len(), over[0].over), (1, Some(SignedDuration::from_secs(125))));
        assert_eq!(judge(&report(true, 120), 130, true), []);
        // Short trouble is nobody's business.
        assert_eq!(judge(&report(false, 200), 210, true), []);
        assert_eq!(judge(&report(true, 220), 225, true), []);
    }

    #[test]
    fn silent_subscriptions_are_one_trouble_and_those_that_wait_for_the_connection_none() {
        let silent = |symbol: &str, waiting, since| FeedSubscription {
            symbol: symbol.to_owned(),
            kind: "quotes".to_owned(),
            state: "silent".to_owned(),
            waiting,
            since: at(since),
        };
        let mut report = report(true, 0);
        report.silent = vec![silent("A", true, 0), silent("B", false, 10), silent("C", false, 20)];
        let mut troubles = Troubles::default();
        let told = troubles.judge(&report, at(100), SignedDuration::from_secs(90), true);
        assert_eq!(
            told[0].trouble,
            Trouble::Silent { count: 2, named: vec!["quotes of B: silent".to_owned(), "quotes of C: silent".to_owned()] }
        );
        assert_eq!(told[0].since, at(10));
    }
}
