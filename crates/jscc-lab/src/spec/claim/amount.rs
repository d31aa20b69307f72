//! The differences that claims ask for, in the unit of the compared metric.

use super::super::values;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A metric on which curves are compared, by its name in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Compared {
    /// In dB.
    #[serde(rename = "psnr_db")]
    Psnr,
    /// In points, hundredths of it.
    #[serde(rename = "accuracy")]
    Accuracy,
    /// Linear; implied by its field, because it is a scale of PSNR's and no metric of its own.
    #[serde(skip)]
    Mse,
}

/// A difference, written as one field whose name says the metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    field: &'static str,
    compared: Compared,
    /// The difference, in dB, points or MSE.
    pub value: f64,
}

impl Amount {
    pub(super) const ANY_LEAD: Self = Self { field: "by_db", compared: Compared::Psnr, value: 0.0 };
    pub(super) const ANY_LEAD_IN_POINTS: Self = Self { field: "by_points", compared: Compared::Accuracy, value: 0.0 };

    /// Name of the compared metric in rows.
    pub fn metric(&self) -> &'static str {
        match self.compared {
            Compared::Psnr => "psnr_db",
            Compared::Accuracy => "accuracy",
            Compared::Mse => "mse",
        }
    }

    /// Another difference on the same metric, in words.
    pub(super) fn words(&self, value: f64) -> String {
        match self.compared {
            Compared::Psnr => format!("{value} dB"),
            Compared::Accuracy => format!("{value} points"),
            Compared::Mse => format!("an MSE of {value}"),
        }
    }

    /// `by_db` or `by_points`; the error is the reason for a refusal.
    pub(super) fn by(metric: Option<Compared>, db: Option<f64>, points: Option<f64>) -> Result<Self, String> {
        pick(metric, &[("by_db", Compared::Psnr, db), ("by_points", Compared::Accuracy, points)])
    }

    /// `within_db`, `within_points` or `within_mse`; the error is the reason for a refusal.
    pub(super) fn within(metric: Option<Compared>, [db, points, mse]: [Option<f64>; 3]) -> Result<Self, String> {
        pick(
            metric,
            &[
                ("within_db", Compared::Psnr, db),
                ("within_points", Compared::Accuracy, points),
                ("within_mse", Compared::Mse, mse),
            ],
        )
    }
}

/// A field that may hold the difference, and its metric.
type Field = (&'static str, Compared, Option<f64>);

/// The one field that is given, if it fits the metric.
fn pick(metric: Option<Compared>, fields: &[Field]) -> Result<Amount, String> {
    let names =
        |chosen: fn(&&Field) -> bool| fields.iter().filter(chosen).map(|field| field.0).collect::<Vec<_>>().join(", ");
    let amount = |&(field, compared, value): &Field| Some(Amount { field, compared, value: value? });
    let given: Vec<Amount> = fields.iter().filter_map(amount).collect();
    let [amount] = given[..] else {
        let found = if given.is_empty() { "none".to_owned() } else { names(|field| field.2.is_some()) };
        return Err(format!("takes one of {}; this has {found}", names(|_| true)));
    };
    let field = amount.field;
    match (metric, amount.compared) {
        (None | Some(Compared::Psnr), Compared::Psnr)
        | (Some(Compared::Accuracy), Compared::Accuracy)
        | (None, Compared::Mse) => Ok(amount),
        (_, Compared::Accuracy) => Err(format!("{field} is in points of accuracy; add metric = \"accuracy\"")),
        (Some(Compared::Accuracy), _) => {
            let fitting = names(|field| field.1 == Compared::Accuracy);
            Err(format!("{field} is not for metric = \"accuracy\", which takes {fitting}"))
        }
        (Some(_), _) => Err(format!("{field} is a metric of its own; leave out metric")),
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(1))?;
        map.serialize_entry(self.field, &self.value)?;
        map.end()
    }
}

pub(super) fn some_finite<'de, D: Deserializer<'de>>(value: D) -> Result<Option<f64>, D::Error> {
    values::finite(value).map(Some)
}

pub(super) fn some_not_negative<'de, D: Deserializer<'de>>(value: D) -> Result<Option<f64>, D::Error> {
    values::not_negative(value).map(Some)
}
