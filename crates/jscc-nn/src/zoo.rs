//! The list of methods: every look-up by name uses it.

use crate::codec::Codec;
use crate::compute::Compute;
use crate::layers::macs;
use crate::method::{Card, ChannelState, Method, Side, Source};
use crate::methods::adjscc::Adjscc;
use crate::methods::classifier::Classifier;
use crate::methods::d2ajscc::D2aJscc;
use crate::methods::deepjscc::DeepJscc;
use crate::methods::deepjscc_conv::DeepJsccConv;
use crate::methods::hyper_ajscc::HyperAjscc;
use crate::methods::linear::Linear;
use crate::methods::snr_map::SnrMap;
use crate::objective::terms;
use crate::train::{CheckpointError, Plan, Trainer, Training};
use crate::weights::{Weights, WeightsError, config};
use burn::tensor::Device;
use jscc_phy::link::Delivery;
use jscc_phy::units::Snr;
use serde_json::Value;

/// All methods.
pub const METHODS: [Entry; 8] = [
    Entry::of::<DeepJscc>(),
    Entry::of::<DeepJsccConv>(),
    Entry::of::<D2aJscc>(),
    Entry::of::<Linear>(),
    Entry::of::<Classifier>(),
    Entry::of::<Adjscc>(),
    Entry::of::<HyperAjscc>(),
    Entry::of::<SnrMap>(),
];

/// A run of any method, or the reason why there is none.
pub type Begun<E> = Result<Box<dyn Training>, E>;

/// A method with its type erased.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its description.
    pub card: Card,
    /// Names of the terms that its objectives may have.
    pub terms: fn() -> Vec<&'static str>,
    /// Completes a configuration with defaults; the error is the reason for a refusal.
    pub config: fn(&Value) -> Result<Value, String>,
    /// Images per pass of its networks, for a configuration that was checked.
    pub images_per_pass: fn(&Value) -> usize,
    /// Whether the decoder of a checked configuration accepts what a link delivers.
    pub accepts: fn(&Value, Delivery) -> bool,
    /// Reason why the method cannot be built for such pictures and so many symbols each; `None` if it can.
    pub misfit: fn(Source, usize) -> Option<String>,
    /// Number of weights of the default configuration.
    pub n_weights: fn(Source, usize) -> usize,
    /// Multiply-accumulates of its encoder and decoder per picture; `None` if its decoder takes waveforms.
    pub macs: fn(Source, usize) -> Option<u64>,
    /// Begins a run from random weights, or from given ones in safetensors.
    pub begin: fn(Plan, Compute, Option<&[u8]>) -> Begun<WeightsError>,
    /// Resumes the run of this name from its checkpoint.
    pub resume: fn(Plan, Compute, &str, &[u8]) -> Begun<CheckpointError>,
    load: fn(&Weights, Compute) -> Result<Codec, WeightsError>,
}

impl Entry {
    const fn of<M: Method>() -> Self {
        Self {
            card: M::CARD,
            terms: || terms::<M>().into_iter().map(|(name, _)| name).collect(),
            config: |value| {
                let config = config::<M>(value)?;
                Ok(serde_json::to_value(config).expect("a configuration is words and numbers"))
            },
            images_per_pass: |config| M::images_per_pass(&checked::<M>(config)),
            accepts: |config, delivery| M::accepts(&checked::<M>(config), delivery),
            misfit: M::misfit,
            n_weights: |source, k| M::new(&M::Config::default(), source, k, &Device::flex()).num_params(),
            macs: macs::<M>,
            begin: |plan, compute, start| {
                let trainer = match start {
                    None => Trainer::<M>::new(plan, compute),
                    Some(weights) => Trainer::<M>::from_weights(plan, compute, weights)?,
                };
                Ok(Box::new(trainer))
            },
            resume: |plan, compute, run, checkpoint| {
                Ok(Box::new(Trainer::<M>::resume(plan, compute, run, checkpoint)?))
            },
            load: Codec::load::<M>,
        }
    }
}

/// Encodes and decodes a picture and counts.
fn macs<M: Method>(source: Source, k: usize) -> Option<u64> {
    let (config, device) = (M::Config::default(), Device::flex());
    if !M::accepts(&config, Delivery::Symbols) {
        return None;
    }
    let net = M::new(&config, source, k, &device);
    let snr = Snr::per_symbol(10.0);
    let state = ChannelState { snr: vec![snr], noise: vec![snr.no(); k] };
    let side = |needs| Side::tell(needs, &state, 0..1, &device);
    let of_convolutions = macs::of_convolutions(|| {
        let x = source.tensor(&vec![0.5; source.reals()], &device);
        let sent = net.encode(x, &side(M::CARD.encoder));
        net.decode(sent.z, &side(M::CARD.decoder));
    });
    Some(of_convolutions + macs::of_matrices(&net))
}

fn checked<M: Method>(value: &Value) -> M::Config {
    config::<M>(value).expect("a configuration that was checked")
}

/// The method of this name.
pub fn named(name: &str) -> Option<&'static Entry> {
    METHODS.iter().find(|method| method.card.name == name)
}

/// Loads weights of any method from safetensors bytes, to run on a device.
///
/// # Panics
/// If the device was not [checked](Compute::check).
pub fn load(safetensors: &[u8], compute: Compute) -> Result<Codec, WeightsError> {
    let weights = Weights::read(safetensors)?;
    (method(&weights)?.load)(&weights, compute)
}

/// The method of weights. Without a header, the method with the most parts among those whose parts are all present.
fn method(weights: &Weights) -> Result<&'static Entry, WeightsError> {
    if let Some(name) = weights.method() {
        let unknown = || WeightsError::Mismatch(format!("its method `{name}` is not one of this version's"));
        return named(name).ok_or_else(unknown);
    }
    let all = WITHOUT_HEADER.iter().filter_map(|name| named(name));
    let all = all.filter(|method| method.card.parts.iter().all(|part| weights.has(part)));
    let none = || WeightsError::Mismatch("it lacks parts of every method".to_owned());
    all.max_by_key(|method| method.card.parts.len()).ok_or_else(none)
}

/// Methods whose weights in version 0.1.0 had no header.
const WITHOUT_HEADER: [&str; 2] = [DeepJscc::CARD.name, D2aJscc::CARD.name];
