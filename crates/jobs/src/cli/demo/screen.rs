//! What the demo shows: steps, the running clock, tables as scans end, and a summary.
//!
//! On a terminal the clock is a line that moves; elsewhere only whole lines are printed.

use std::{
    collections::BTreeMap,
    io::IsTerminal as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bellwether::scanners::ScanReport;
use bellwether_gateway::{SimClock, generator::Story};
use bellwether_store::{RunFilter, RunStatus};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::broadcast::{self, error::RecvError};

use super::super::{output, services};
use crate::{context::Context, schedule::RunEvent};

/// Sent by the demo to its own screen when nothing more comes.
pub(super) const END: RunEvent = RunEvent::End;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Runs by job: how many, and how many hits.
    pub(super) runs: BTreeMap<String, (usize, Option<usize>)>,
    /// Runs that failed, were skipped or missed.
    pub(super) failed: usize,
    /// Alerts delivered, by channel.
    pub(super) delivered: BTreeMap<String, usize>,
    /// When the first alert arrived, since the start.
    pub(super) first_alert: Option<Duration>,
    /// The last scan of each kind that found something.
    pub(super) last: BTreeMap<&'static str, Arc<ScanReport>>,
}

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Screen {
    started: Instant,
    line: ProgressBar,
}

/// A step of setting up.
#[derive(Debug)]
pub(super) struct Step {
    name: &'static str,
    began: Instant,
    line: ProgressBar,
    told: AtomicUsize,
}

impl Screen {
    pub(super) fn new(started: Instant) -> Self {
        let line = if std::io::stdout().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {msg}") {
            line.set_style(style);
        }
        line.set_draw_target(if std::io::stdout().is_terminal() {
            indicatif::ProgressDrawTarget::stdout_with_hz(12)
        } else {
            indicatif::ProgressDrawTarget::hidden()
        });
        Self { started, line }
    }

    fn say(&self, text: &str) {
        if self.line.is_hidden() {
            println!("{text}");
        } else {
            // An empty line would be taken for none.
            self.line.println(if text.is_empty() { " " } else { text });
        }
    }

    pub(super) fn title(&self) {
        self.say("Bellwether demo: one morning, 04:00 to 11:00 New York, everything embedded");
        self.say("");
    }

    pub(super) fn step(&self, name: &'static str) -> Step {
        self.line.set_message(name);
        self.line.tick();
        Step { name, began: Instant::now(), line: self.line.clone(), told: AtomicUsize::new(0) }
    }

    /// Shows what happens until it is told the end.
    pub(super) async fn watch(self, mut events: broadcast::Receiver<RunEvent>, clock: Arc<SimClock>) -> Tally {
        let mut tally = Tally::default();
        let mut refresh = tokio::time::interval(Duration::from_millis(80));
        let mut doing = String::new();
        self.say("");
        loop {
            tokio::select! {
                _ = refresh.tick() => {
                    let delivered: usize = tally.delivered.values().sum();
                    self.line.set_message(format!("{} New York  {doing}  alerts delivered: {delivered}", services::wall_clock(clock.now())));
                    self.line.tick();
                }
                event = events.recv() => match event {
                    Ok(RunEvent::End) | Err(RecvError::Closed) => break,
                    Ok(RunEvent::Started { job, .. }) => doing = format!("{job} …"),
                    Ok(RunEvent::Ended { job, due_at, status, reason, report, summary, took }) => {
                        doing.clear();
                        let entry = tally.runs.entry(job.clone()).or_default();
                        entry.0 += 1;
                        if let Some(report) = &report {
                            *entry.1.get_or_insert_default() += report.hits.len();
                        }
                        if !matches!(status, RunStatus::Succeeded | RunStatus::Late) {
                            tally.failed += 1;
                        }
                        let told = reason.unwrap_or(summary);
                        self.ended(&job, due_at, status, &told, report.as_deref(), took, &mut tally.last);
                        if let Some(report) = report.filter(|report| !report.hits.is_empty()) {
                            tally.last.insert(report.scan, report);
                        }
                    }
                    Ok(RunEvent::Alert { channel, subject, detail }) => match detail {
                        Ok(_) => {
                            *tally.delivered.entry(channel.clone()).or_default() += 1;
                            if tally.first_alert.is_none() {
                                tally.first_alert = Some(self.started.elapsed());
                                self.say(&format!("  ✉ first alert, {:.1} s after the start: {subject} ({channel})", self.started.elapsed().as_secs_f64()));
                                self.say("");
                            }
                        }
                        Err(why) => {
                            tally.failed += 1;
                            self.say(&format!("  ✗ alert to {channel} given up: {why}"));
                        }
                    },
                    Err(RecvError::Lagged(n)) => self.say(&format!("  ({n} events were too fast for the screen)")),
                },
            }
        }
        self.line.finish_and_clear();
        tally
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one event")]
    fn ended(
        &self,
        job: &str,
        due_at: jiff::Timestamp,
        status: RunStatus,
        told: &str,
        report: Option<&ScanReport>,
        took: Duration,
        last: &mut BTreeMap<&'static str, Arc<ScanReport>>,
    ) {
        let at = services::wall_clock(due_at);
        let Some(report) = report else {
            self.say(&format!("{at}  {job:<18} {status}  {:>4} ms  {told}", took.as_millis()));
            return;
        };
        let top: Vec<String> = report.hits.iter().take(3).map(brief).collect();
        self.say(&format!("{at}  {job:<18} {:>2} hits  {:>4} ms  {}", report.hits.len(), took.as_millis(), top.join("  ")));
        // Gap scans are few and show all; momentum scans come every five minutes and show the first.
        if (report.scan == "gap" || !last.contains_key(report.scan)) && !report.hits.is_empty() {
            self.say(&indented(&output::hits_table(report, 8).to_string()));
            let aside = output::set_aside_lines(report);
            aside.iter().for_each(|line| self.say(&format!("       {line}")));
            self.say("");
        }
    }

    /// What happened, where it is, and how to look.
    pub(super) async fn summary(
        &self,
        context: &Context,
        tally: &Tally,
        story: &[Story],
        data_dir: &Path,
        database: &str,
        webhooks: usize,
    ) -> anyhow::Result<()> {
        if let Some(report) = tally.last.get("momentum") {
            println!("momentum at {}", services::wall_clock(report.as_of));
            println!("{}\n", indented(&output::hits_table(report, 8).to_string()));
        }
        println!("what happened");
        for (job, (runs, hits)) in &tally.runs {
            let hits = hits.map_or(String::new(), |hits| format!(", {hits} hits"));
            let plural = if *runs == 1 { "" } else { "s" };
            println!("  {job:<19} {runs} run{plural}{hits}");
        }
        let stored = context.store.runs(&RunFilter { limit: 10_000, ..RunFilter::default() }).await?;
        let hits: usize = tally.runs.values().filter_map(|(_, hits)| *hits).sum();
        println!(
            "  stored             {} runs, {hits} hits with every number that made them, the snapshot of each",
            stored.len()
        );
        for (channel, count) in &tally.delivered {
            println!("  alerts             {count} by {channel}");
        }
        if let Some(first) = tally.first_alert {
            println!(
                "  first alert        {:.1} s after the start; all of it took {:.1} s",
                first.as_secs_f64(),
                self.started.elapsed().as_secs_f64()
            );
        }
        if !story.is_empty() {
            println!("\nwhat was planted");
            for planted in story {
                println!("  {}", planted.text);
            }
        }
        let dir = data_dir.display();
        let program = std::env::current_exe().map_or_else(|_| "bellwether".to_owned(), |path| path.display().to_string());
        println!("\nhow to look");
        println!("  mails              {}", data_dir.join("outbox").display());
        println!("  webhooks           {webhooks} captured, as Slack would get them: {}", data_dir.join("webhooks").display());
        println!("  runs               {program} db runs --data-dir {dir}");
        println!("  a run again        {program} replay premarket-gap --data-dir {dir}");
        println!("  SQL                {program} db open --data-dir {dir}    then, in another terminal:");
        println!("                     psql '{database}' -c 'select job, due_at, status from runs order by due_at'");
        println!("  next               {program} doctor --data-dir {dir}");
        Ok(())
    }
}

impl Step {
    /// Tells how far it is; on a terminal only.
    pub(super) fn progress(&self, done: usize, total: usize) {
        if self.told.swap(done, Ordering::Relaxed) != done {
            self.line.set_message(format!("{}: {done} of {total}", self.name));
            self.line.tick();
        }
    }

    pub(super) fn done(self, detail: &str) {
        let text = format!("  ✓ {:<22} {:>5.1} s  {detail}", self.name, self.began.elapsed().as_secs_f64());
        if self.line.is_hidden() {
            println!("{text}");
        } else {
            self.line.println(text);
        }
    }
}

fn brief(hit: &bellwether::scanners::Hit) -> String {
    match (hit.numbers.get("score"), hit.numbers.get("gap_pct")) {
        (Some(score), _) => format!("{} {score:.0}", hit.symbol),
        (None, Some(gap)) => format!("{} {}", hit.symbol, output::signed_percent(gap)),
        (None, None) => hit.symbol.to_string(),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("       {line}")).collect::<Vec<_>>().join("\n")
}
