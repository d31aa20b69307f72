//! Criteria in words.

use super::{
    AgreesSpec, BeatsSpec, ClaimKind, CliffSpec, CrossesSpec, DropsSpec, GracefulSpec, MonotoneSpec, NearEnvelopeSpec,
    ScalarSpec, TracksSpec, WorsensSpec,
};

impl ClaimKind {
    /// The criterion in words.
    pub fn criterion(&self) -> String {
        match self {
            Self::Tracks(TracksSpec { curve, reference, within }) => {
                format!("{} is within {} of {}", quoted(curve), within.words(within.value), quoted(reference))
            }
            Self::Graceful(GracefulSpec { curve, slack_db, step_db }) => {
                format!("{} falls by {slack_db} dB at most, rises by {step_db} dB a dB at most", quoted(curve))
            }
            Self::Cliff(CliffSpec { curve, height_db, flat_db, width_db }) => {
                let curve = quoted(curve);
                format!("{curve} rises by {height_db} dB within {width_db} dB, from a flat of {flat_db} dB at most")
            }
            Self::Worsens(WorsensSpec { curve, until_db, by_db, recovers_db }) => {
                format!("{} falls by {by_db} dB until {until_db} dB, then rises by {recovers_db} dB", quoted(curve))
            }
            Self::Beats(spec) => spec.words(),
            Self::Drops(DropsSpec { curve, control, by, from_db, to_db }) => {
                let (range, lead) = (range(*from_db, *to_db), by.words(by.value));
                format!("{} is worse than {} on average{range}, by {lead} at least", quoted(control), quoted(curve))
            }
            Self::Crosses(CrossesSpec { low, high, at_db: [first, second], by }) => {
                let (low, high, lead) = (quoted(low), quoted(high), by.words(by.value));
                format!("{low} is ahead of {high} at {first} dB and behind at {second} dB, by {lead} at least each")
            }
            Self::NearEnvelope(NearEnvelopeSpec { curve, specialists, mean_db, worst_db }) => {
                let (curve, of) = (quoted(curve), specialists.iter().map(quoted).collect::<Vec<_>>().join(", "));
                format!(
                    "{curve} is below the best of {of} by {mean_db} dB on average and {worst_db} dB anywhere at most"
                )
            }
            Self::Monotone(MonotoneSpec { curve, measure, by, .. }) => {
                format!("{} of {} falls by {by} at most from one SNR to the next", measure.get_ref(), quoted(curve))
            }
            Self::Scalar(ScalarSpec { curve, measure, at_db, between: [low, high] }) => {
                format!("{} of {} at {at_db} dB is {low} to {high}", measure.get_ref(), quoted(curve))
            }
            Self::Agrees(AgreesSpec { curve, points, mean_db, worst_db }) => {
                let (curve, points) = (quoted(curve), points.len());
                format!(
                    "{curve} is within {mean_db} dB of {points} published points on average, within {worst_db} dB of each"
                )
            }
        }
    }
}

impl BeatsSpec {
    fn words(&self) -> String {
        let (curve, rival, range) = (quoted(&self.curve), quoted(&self.rival), range(self.from_db, self.to_db));
        match self.by.value {
            behind if behind < 0.0 => {
                format!("{curve} is behind {rival}{range} by {} at most", self.by.words(-behind))
            }
            ahead => format!("{curve} is ahead of {rival}{range}, by {} at least", self.by.words(ahead)),
        }
    }
}

fn quoted(label: &toml::Spanned<String>) -> String {
    format!("\"{}\"", label.get_ref())
}

fn range(from_db: Option<f64>, to_db: Option<f64>) -> String {
    let from = from_db.map_or(String::new(), |db| format!(" from {db} dB"));
    from + &to_db.map_or(String::new(), |db| format!(" to {db} dB"))
}
