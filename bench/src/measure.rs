//! Contenders take turns, so that a slower clock or a busy neighbour meets all of them alike.

use std::fmt;
use std::time::{Duration, Instant};

/// Turns that each contender gets.
const TURNS: usize = 15;
/// A turn repeats its pass until it is long enough for the clock.
const TURN: Duration = Duration::from_millis(20);

/// One way to do the job. A pass returns how long it took, so that it can prepare itself off the clock.
pub struct Contender<'a> {
    pub name: String,
    pub note: String,
    pub pass: Box<dyn FnMut() -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new(name: &str, note: String, pass: impl FnMut() -> Duration + 'a) -> Self {
        Self { name: name.to_owned(), note, pass: Box::new(pass) }
    }
}

/// How long `work` takes. What it returns is computed, and dropped off the clock.
pub fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    let elapsed = start.elapsed();
    drop(result);
    elapsed
}

struct Row {
    name: String,
    note: String,
    best: f64,
    median: f64,
}

/// Throughputs of one subject.
pub struct Table {
    title: String,
    unit: &'static str,
    rows: Vec<Row>,
    remarks: Vec<String>,
}

impl Table {
    /// For what could not be measured, and why.
    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }

    pub fn json(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                let Row { name, note, best, median } = row;
                let ratio = self.rows[0].median / median;
                format!(
                    r#"{{"name":{name:?},"note":{note:?},"median":{median},"best":{best},"first_over_this":{ratio}}}"#
                )
            })
            .collect();
        let Self { title, unit, remarks, .. } = self;
        format!(r#"{{"title":{title:?},"unit":{unit:?},"rows":[{}],"remarks":{remarks:?}}}"#, rows.join(","))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        if let Some(first) = self.rows.first() {
            writeln!(f, "  {:28} {:>10} {:>10}  {:>12}", self.unit, "median", "best", "first / this")?;
            for Row { name, note, best, median } in &self.rows {
                let ratio = first.median / median;
                writeln!(f, "  {name:28} {median:10.1} {best:10.1}  {ratio:12.2}  {note}")?;
            }
        }
        self.remarks.iter().try_for_each(|remark| writeln!(f, "  {remark}"))
    }
}

/// Measures `amount` of `unit`, what each contender does in one pass, per second.
pub fn race(title: impl Into<String>, unit: &'static str, amount: f64, mut contenders: Vec<Contender>) -> Table {
    // The second pass is warm: it tells how many make a turn.
    let passes: Vec<_> = contenders
        .iter_mut()
        .map(|contender| {
            (contender.pass)();
            (TURN.as_secs_f64() / (contender.pass)().as_secs_f64().max(1e-9)).ceil().max(1.0) as u32
        })
        .collect();
    let mut rates = vec![Vec::new(); contenders.len()];
    for _ in 0..TURNS {
        for ((contender, &passes), rates) in contenders.iter_mut().zip(&passes).zip(&mut rates) {
            let took: Duration = (0..passes).map(|_| (contender.pass)()).sum();
            rates.push(amount * f64::from(passes) / took.as_secs_f64());
        }
    }
    let rows = contenders.into_iter().zip(rates).map(|(Contender { name, note, .. }, mut rates)| {
        rates.sort_by(f64::total_cmp);
        Row { name, note, best: rates[TURNS - 1], median: rates[TURNS / 2] }
    });
    Table { title: title.into(), unit, rows: rows.collect(), remarks: Vec::new() }
}
