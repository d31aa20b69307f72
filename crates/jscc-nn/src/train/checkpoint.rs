//! Checkpoints of a run: all of its state besides the plan, as bytes.

use super::{Best, Place, Plan, Trainer, adam, initial};
use crate::compute::Compute;
use crate::method::Method;
use burn::store::ModuleRecord;
use burn::tensor::{Bytes, Device};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::fmt::Display;

/// Reason why bytes are not a checkpoint of this run.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not a checkpoint, or a damaged one.
    #[error("not a checkpoint: {0}")]
    Malformed(String),
    /// A checkpoint of another run.
    #[error("a checkpoint of another run: `{0}`")]
    OtherRun(String),
    /// A checkpoint of another plan.
    #[error("the checkpoint stands at step {step} of stage {stage}, which the plan does not have")]
    OtherPlan {
        /// Stages done.
        stage: usize,
        /// Steps of the next stage done.
        step: usize,
    },
}

impl CheckpointError {
    fn malformed(why: impl Display) -> Self {
        Self::Malformed(why.to_string())
    }
}

/// Key of the run's name.
const RUN: &str = "run";
/// Key of the checksum of all other parts.
const CHECKSUM: &str = "crc32";

impl<M: Method> Trainer<M> {
    /// The bytes of [`super::Training::checkpoint`].
    pub(super) fn to_bytes(&self, run: &str) -> Vec<u8> {
        let record = |net: &M| {
            let bytes = net.clone().into_record().into_bytes();
            bytes.expect("weights in memory can be written").to_vec()
        };
        let optimizer = self.optimizer.into_bytes().expect("moments in memory can be written");
        let run = run.as_bytes().to_vec();
        let mut parts = vec![("net", record(&self.net)), ("optimizer", optimizer.to_vec()), (RUN, run)];
        parts.extend(self.average.as_ref().map(|average| ("average", record(average))));
        if let Some(best) = &self.best {
            let score = [best.score.to_le_bytes(), (best.epochs as u64).to_le_bytes()].concat();
            parts.extend([("best", record(&best.net)), ("best score", score)]);
        }
        parts.push(("place", self.place.to_bytes()));
        // The checksum covers the parts in the order of names, in which they are read again.
        parts.sort_by_key(|(name, _)| *name);
        let crc32 = checksum(parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())));
        parts.push((CHECKSUM, crc32.to_vec()));
        let view = |bytes| TensorView::new(Dtype::U8, vec![<[u8]>::len(bytes)], bytes).expect("a vector of octets");
        let parts = parts.iter().map(|(name, bytes)| (*name, view(bytes)));
        safetensors::serialize(parts, None).expect("a checkpoint in memory can be written")
    }

    /// Continues the run that [`super::Training::checkpoint`] wrote. Version 0.1.0 and before wrote no name: such a
    /// checkpoint is assumed to be of this run.
    pub fn resume(plan: Plan, compute: Compute, run: &str, checkpoint: &[u8]) -> Result<Self, CheckpointError> {
        let parts = Parts::read(checkpoint)?;
        if parts.has(RUN) && parts.get(RUN)? != run.as_bytes() {
            return Err(CheckpointError::OtherRun(String::from_utf8_lossy(parts.get(RUN)?).into_owned()));
        }
        let place = Place::of_bytes(parts.get("place")?)?;
        let inner = compute.device();
        let device = inner.clone().autodiff();
        let restore = |name: &str, device: &Device| parts.network(name, initial(&plan, device));
        let net = restore("net", &device)?;
        let average = parts.has("average").then(|| restore("average", &inner)).transpose()?;
        let best = parts.has("best").then(|| restore("best", &inner)).transpose()?;
        let best = best.map(|net| parts.best(net)).transpose()?;
        let moments = Bytes::from_bytes_vec(parts.get("optimizer")?.to_vec());
        let optimizer = adam().init().from_bytes(moments).map_err(CheckpointError::malformed)?;
        if !place.is_in(&plan) {
            return Err(CheckpointError::OtherPlan { stage: place.stage, step: place.step_in_stage });
        }
        Ok(Self { optimizer, average, best, place, ..Self::with(plan, compute, net) })
    }
}

struct Parts<'a>(SafeTensors<'a>);

impl<'a> Parts<'a> {
    fn read(checkpoint: &'a [u8]) -> Result<Self, CheckpointError> {
        let parts = Self(SafeTensors::deserialize(checkpoint).map_err(CheckpointError::malformed)?);
        let mut named: Vec<_> = parts.0.iter().filter(|(name, _)| *name != CHECKSUM).collect();
        named.sort_by_key(|(name, _)| *name);
        if parts.get(CHECKSUM)? != checksum(named.iter().map(|(name, part)| (*name, part.data()))) {
            return Err(CheckpointError::malformed("its checksum is wrong"));
        }
        Ok(parts)
    }

    fn has(&self, name: &str) -> bool {
        self.0.names().contains(&name)
    }

    fn get(&self, name: &str) -> Result<&'a [u8], CheckpointError> {
        self.0.tensor(name).map(|part| part.data()).map_err(CheckpointError::malformed)
    }

    fn network<M: Method>(&self, name: &str, blank: M) -> Result<M, CheckpointError> {
        let bytes = Bytes::from_bytes_vec(self.get(name)?.to_vec());
        let record = ModuleRecord::from_bytes(bytes).map_err(CheckpointError::malformed)?;
        blank.try_load_record(record).map_err(CheckpointError::malformed)
    }

    fn best<M>(&self, net: M) -> Result<Best<M>, CheckpointError> {
        let [score, epochs] = words(self.get("best score")?)?;
        Ok(Best { net, score: f64::from_bits(score), epochs: epochs as usize })
    }
}

impl Place {
    fn to_bytes(self) -> Vec<u8> {
        let Self { stage, step_in_stage, epochs_in_stage, step, epochs } = self;
        [stage, step_in_stage, epochs_in_stage, step, epochs].iter().flat_map(|&n| (n as u64).to_le_bytes()).collect()
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let [stage, step_in_stage, epochs_in_stage, step, epochs] = words::<5>(bytes)?.map(|word| word as usize);
        Ok(Self { stage, step_in_stage, epochs_in_stage, step, epochs })
    }

    fn is_in(self, plan: &Plan) -> bool {
        match plan.stages.get(self.stage) {
            Some(stage) => self.step_in_stage <= stage.epochs * plan.steps_per_epoch(),
            None => self.stage == plan.stages.len(),
        }
    }
}

fn words<const N: usize>(bytes: &[u8]) -> Result<[u64; N], CheckpointError> {
    let (words, rest) = bytes.as_chunks::<8>();
    let words: [[u8; 8]; N] = words.try_into().map_err(|_| CheckpointError::malformed("a part has a wrong length"))?;
    if rest.is_empty() { Ok(words.map(u64::from_le_bytes)) } else { Err(CheckpointError::malformed("a part is cut")) }
}

/// CRC-32 of names and parts in order.
fn checksum<'a>(parts: impl Iterator<Item = (&'a str, &'a [u8])>) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    for (name, bytes) in parts {
        crc.update(name.as_bytes());
        crc.update(bytes);
    }
    crc.finalize().to_le_bytes()
}
