//! The card that goes with trained weights.

use crate::spec::{LinkSpec, RungSpec, Spec};
use jscc_nn::method::{Card, Needs, Task};
use jscc_nn::objective::Objective;
use jscc_nn::train::{ADAM_EPSILON, Plan, Stage, Turn};
use jscc_phy::link::{Number, Power};
use jscc_radio::files::sha256;
use std::fmt::Write;

/// Result of a training.
#[derive(Clone, Copy)]
pub(super) struct Result<'a> {
    pub weights: &'a [u8],
    /// PSNR in dB or accuracy, by SNR in dB.
    pub validation: &'a [[f64; 2]],
    pub warning: Option<&'a str>,
}

/// The card of weights: their origin, their quality, and the conventions behind the numbers.
pub(super) fn markdown(name: &str, spec: &Spec, plan: &Plan, result: Result, code: &str) -> String {
    let Result { weights, validation, warning } = result;
    let file = spec.path.file_name().unwrap_or_default().to_string_lossy();
    let train = spec.file.train.as_ref().expect("a trained spec has its table");
    let start = train.start(plan.seed).map_or("random".to_owned(), |start| start.display().to_string());
    let (k, card, reals) = (plan.k, train.method.card, plan.source.reals());
    let [maps, height, width] = plan.source.shape;
    let mut rows = vec![
        ("method".to_owned(), format!("{} (`{}`), {maps}×{height}×{width}", card.title, card.name)),
        ("task".to_owned(), format!("{:?}", plan.task).to_lowercase()),
        ("config".to_owned(), format!("`{}`", plan.config)),
        ("data".to_owned(), format!("{}, training split, {} pictures", spec.data_name(), plan.n_images)),
        ("experiment file".to_owned(), format!("`{file}`, SHA-256 of what it says `{}`", spec.sha256())),
        ("start".to_owned(), start),
        ("seed".to_owned(), plan.seed.to_string()),
        ("batch".to_owned(), plan.batch.to_string()),
    ];
    let stages = plan.stages.iter().zip(&train.stage);
    rows.extend(
        stages.map(|(stage, wanted)| (format!("stage {}", stage.name), described(stage, plan.task, &wanted.link))),
    );
    rows.extend([
        ("code".to_owned(), code.to_owned()),
        ("weights".to_owned(), format!("{} bytes, SHA-256 `{}`", weights.len(), sha256(weights))),
        ("licence".to_owned(), "MIT OR Apache-2.0".to_owned()),
    ]);
    let warning = warning.map_or(String::new(), |warning| format!("**Warning**: {warning}.\n\n"));
    let mut text = format!("# {name}\n\n{warning}| | |\n|---|---|\n");
    for (what, value) in rows {
        writeln!(text, "| {what} | {value} |").expect("a string takes all that is written");
    }
    let (what, unit, digits) = match plan.task {
        Task::Recover => ("PSNR of the mean MSE", "PSNR dB", 2),
        Task::Execute => ("Part named rightly", "accuracy", 4),
    };
    write!(text, "\n## Quality on validation pictures\n\n{what}, over the link of the last stage; the test split was not touched.\n\n")
        .expect("a string takes all that is written");
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    text += &line(std::iter::once("SNR dB".to_owned()).chain(validation.iter().map(|p| p[0].to_string())).collect());
    text += &("|".to_owned() + &"---|".repeat(validation.len() + 1) + "\n");
    let scores = validation.iter().map(|p| format!("{:.digits$}", p[1]));
    text += &line(std::iter::once(unit.to_owned()).chain(scores).collect());
    let by_snr = train.stage.iter().any(|stage| matches!(stage.link, LinkSpec::Ladder(_)));
    let rate = if by_snr { "The frames' rate follows the SNR. " } else { "" };
    let told = format!("{rate}{}", told(&card));
    write!(
        text,
        "\n## Conventions\n\n- SNR is Es/N0 of one complex symbol of mean power 1; on Wi-Fi, of one data subcarrier.\n- k = {k} \
         complex channel uses for {reals} source reals: bandwidth ratio k/n = {:.4}.\n- Each picture's symbols have mean \
         power 1 by themselves. {told}\n- Pixels are {} in [0, 1], 0 is {}.\n",
        k as f64 / reals as f64,
        if maps == 1 { "grey" } else { "red, green and blue" },
        if maps == 1 { "background" } else { "black" }
    )
    .expect("a string takes all that is written");
    text
}

/// The channel information of each side, in a sentence.
fn told(card: &Card) -> String {
    let what = |needs| match needs {
        Needs::Nothing => "nothing",
        Needs::Snr => "the SNR",
        Needs::NoiseMap => "each symbol's noise variance",
    };
    match [card.encoder, card.decoder] {
        [Needs::Nothing, Needs::Nothing] => "Neither side is told the SNR.".to_owned(),
        [encoder, decoder] => format!("The encoder is told {}, the decoder {}.", what(encoder), what(decoder)),
    }
}

fn described(stage: &Stage, task: Task, link: &LinkSpec) -> String {
    let usual = Objective::of_task(task);
    let mut text = format!(
        "at most {} epochs; {}; SNR uniform in {} to {} dB; Adam (epsilon {ADAM_EPSILON:e}), {} falling as `{:?}`",
        stage.epochs,
        self::link(link),
        stage.snr_db[0],
        stage.snr_db[1],
        stage.learning_rate,
        stage.schedule
    );
    let turn = |turn: &Turn| {
        let Turn { learns, objective, steps } = turn;
        format!("{} for {steps} steps, making {objective} smaller", learns.join(" and "))
    };
    let turns = stage.turns.iter().map(turn);
    let extra = [
        (stage.objective != usual).then(|| format!("making {} smaller", stage.objective)),
        (stage.warmup > 0).then(|| format!("warm-up of {} steps", stage.warmup)),
        (!stage.turns.is_empty()).then(|| format!("in turns: {}", turns.collect::<Vec<_>>().join(", then "))),
        stage.max_norm.map(|most| format!("gradients at most {most} long")),
        stage.average.map(|decay| format!("weights averaged with decay {decay}")),
        stage.patience.map(|epochs| format!("best weights, patience {epochs} epochs")),
    ];
    for words in extra.into_iter().flatten() {
        text = text + "; " + &words;
    }
    text
}

fn link(link: &LinkSpec) -> String {
    let (scale, power) = match link {
        LinkSpec::Wifi(wifi) => (wifi.scale, Some(wifi.power)),
        LinkSpec::Waveform(wave) => (wave.scale, Some(wave.power)),
        LinkSpec::Bits(bits) => (None, Some(bits.power)),
        LinkSpec::Ideal | LinkSpec::Fading(_) | LinkSpec::Ladder(_) => (None, None),
    };
    let mixed = matches!(link, LinkSpec::Wifi(wifi) if wifi.mix.is_some());
    let words = [
        Some(frames(link)),
        mixed.then(|| "symbols mixed".to_owned()),
        scale.map(|scale| format!("amplitude {scale}")),
        power.map(|power| if power == Power::Card { "a card's gain" } else { "scaled to power 1" }.to_owned()),
        link.air(),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn frames(link: &LinkSpec) -> String {
    match link {
        LinkSpec::Ideal => "ideal AWGN".to_owned(),
        LinkSpec::Fading(fading) => {
            format!("symbols themselves, CSI at the receiver: {}", format!("{:?}", fading.csi).to_lowercase())
        }
        LinkSpec::Ladder(rungs) => {
            let rung = |rung: &RungSpec| {
                format!("from {} dB {}", rung.from_db, rung.link().as_ref().map_or_else(String::new, self::link))
            };
            format!("by SNR: {}", rungs.iter().map(rung).collect::<Vec<_>>().join("; "))
        }
        LinkSpec::Waveform(wave) => format!(
            "802.11 rate {}, a waveform of {} samples a symbol, roll-off {}, around subcarrier {}, {} inversion on {} \
             subcarriers, aimed at {}, {} received, {} handed over, {}, {} pictures a frame",
            wave.rate,
            wave.samples_per_symbol,
            wave.roll_off,
            wave.centre,
            format!("{:?}", wave.inversion).to_lowercase(),
            format!("{:?}", wave.tones).to_lowercase(),
            format!("{:?}", wave.aim).to_lowercase(),
            format!("{:?}", wave.receive).to_lowercase(),
            format!("{:?}", wave.hand).to_lowercase(),
            format!("{:?}", wave.reception).to_lowercase(),
            wave.images_per_frame
        ),
        LinkSpec::Bits(bits) => format!(
            "802.11 rate {}, symbols written as {}, damaged frames {}, {}, {} pictures a frame; straight-through gradient",
            bits.rate,
            match bits.number {
                Number::Float => "32-bit floats".to_owned(),
                Number::Fixed(n_bits) => format!("{n_bits}-bit steps over ±2"),
            },
            format!("{:?}", bits.damaged).to_lowercase(),
            format!("{:?}", bits.reception).to_lowercase(),
            bits.images_per_frame
        ),
        LinkSpec::Wifi(wifi) => format!(
            "802.11 rate {}, {} inversion, {} framing, {} received, {}, {} pictures a frame, {} OFDM symbols to spare ({}{}); straight-through gradient",
            wifi.rate,
            format!("{:?}", wifi.inversion).to_lowercase(),
            format!("{:?}", wifi.framing).to_lowercase(),
            format!("{:?}", wifi.receive).to_lowercase(),
            format!("{:?}", wifi.reception).to_lowercase(),
            wifi.images_per_frame,
            wifi.spare,
            format!("{:?}", wifi.room).to_lowercase(),
            if wifi.silence > 0.0 { format!(", silence {}", wifi.silence) } else { String::new() }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jscc_nn::zoo::METHODS;

    #[test]
    fn cards_say_what_each_side_is_told() {
        let told = |encoder, decoder| told(&Card { encoder, decoder, ..METHODS[0].card });
        assert_eq!(told(Needs::Nothing, Needs::Nothing), "Neither side is told the SNR.");
        let sides = "The encoder is told the SNR, the decoder each symbol's noise variance.";
        assert_eq!(told(Needs::Snr, Needs::NoiseMap), sides);
        assert_eq!(told(Needs::Nothing, Needs::Snr), "The encoder is told nothing, the decoder the SNR.");
    }
}
