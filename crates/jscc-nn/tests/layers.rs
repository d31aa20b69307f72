//! Our layers against burn's own operations and against finite differences, over random shapes.

use burn::module::Param;
use burn::tensor::activation::prelu;
use burn::tensor::module::{conv_transpose2d, conv1d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, TensorData};
use jscc_nn::layers::{Conv1d, Conv2d, ConvTranspose2d, Gain, Gdn, PRelu, mean_maps, scale_maps};
use jscc_phy::random::stream;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

fn tensor<const D: usize>(rng: &mut ChaCha8Rng, dims: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = (0..dims.iter().product()).map(|_| rng.random_range(-1.0..1.0)).collect();
    Tensor::from_data(TensorData::new(values, dims), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().expect("32-bit floats")
}

fn assert_close(what: &str, ours: &[f32], want: &[f32]) {
    assert_eq!(ours.len(), want.len(), "{what}");
    let scale = want.iter().fold(1.0f32, |most, x| most.max(x.abs()));
    for (i, (a, b)) in ours.iter().zip(want).enumerate() {
        assert!((a - b).abs() < 2e-5 * scale, "{what}: {a} at {i}, not {b}");
    }
}

/// Value and gradients by the three inputs, for a random gradient of the output.
fn all<const D: usize>(
    inputs: &[Tensor<4>; 2],
    bias: &Tensor<1>,
    apply: impl Fn(Tensor<4>, Tensor<4>, Tensor<1>) -> Tensor<D>,
) -> [Vec<f32>; 4] {
    let [x, weight] = inputs.clone().map(Tensor::require_grad);
    let bias = bias.clone().require_grad();
    let y = apply(x.clone(), weight.clone(), bias.clone());
    let upstream = tensor(&mut stream(1, "upstream", 0), y.dims(), &y.device());
    let grads = (y.clone() * upstream).sum().backward();
    let grad = |t: Tensor<4>| values(t.grad(&grads).expect("a gradient"));
    [values(y), grad(x), grad(weight), values(bias.grad(&grads).expect("a gradient"))]
}

fn compare(what: &str, ours: [Vec<f32>; 4], want: [Vec<f32>; 4]) {
    let names = ["value", "gradient by input", "gradient by weight", "gradient by bias"];
    for ((ours, want), name) in ours.into_iter().zip(want).zip(names) {
        assert_close(&format!("{what}, {name}"), &ours, &want);
    }
}

#[test]
fn convolutions_are_burns() {
    let device = Device::flex().autodiff();
    for case in 0..60 {
        let rng = &mut stream(case, "shape", 0);
        let [kernel_h, kernel_w] = [0, 1].map(|_| rng.random_range(1..=5usize));
        let stride = [0, 1].map(|_| rng.random_range(1..=3usize));
        let padding = [kernel_h, kernel_w].map(|kernel| rng.random_range(0..=kernel));
        let side = [kernel_h, kernel_w].map(|kernel| rng.random_range(kernel..=14));
        let maps = [0, 1].map(|_| rng.random_range(1..=35usize));
        let batch = rng.random_range(1..=5);
        let x = tensor(rng, [batch, maps[0], side[0], side[1]], &device);
        let weight = tensor(rng, [maps[1], maps[0], kernel_h, kernel_w], &device);
        let bias = tensor(rng, [maps[1]], &device);
        let (inputs, what) = ([x, weight], format!("case {case}, kernel {kernel_h}×{kernel_w}, stride {stride:?}"));
        let layer = |x, weight: Tensor<4>, bias: Tensor<1>| {
            let (weight, bias) = (Param::from_tensor(weight), Param::from_tensor(bias));
            Conv2d { weight, bias, stride, padding }.forward(x)
        };
        let burns = |x, weight, bias| conv2d(x, weight, Some(bias), ConvOptions::new(stride, padding, [1, 1], 1));
        compare(&what, all(&inputs, &bias, layer), all(&inputs, &bias, burns));
    }
}

#[test]
fn transposed_convolutions_are_burns() {
    let device = Device::flex().autodiff();
    for case in 0..60 {
        let rng = &mut stream(case, "transposed shape", 0);
        let kernel = [0, 1].map(|_| rng.random_range(1..=5usize));
        let stride = [0, 1].map(|_| rng.random_range(1..=3usize));
        let padding = kernel.map(|kernel| rng.random_range(0..=kernel / 2));
        let padding_out = stride.map(|stride| rng.random_range(0..stride));
        let side = [0, 1].map(|_| rng.random_range(3..=9));
        let maps = [0, 1].map(|_| rng.random_range(1..=35usize));
        let batch = rng.random_range(1..=5);
        let x = tensor(rng, [batch, maps[0], side[0], side[1]], &device);
        let weight = tensor(rng, [maps[0], maps[1], kernel[0], kernel[1]], &device);
        let bias = tensor(rng, [maps[1]], &device);
        let (inputs, what) = ([x, weight], format!("case {case}, kernel {kernel:?}, stride {stride:?}"));
        let layer = |x, weight: Tensor<4>, bias: Tensor<1>| {
            let (weight, bias) = (Param::from_tensor(weight), Param::from_tensor(bias));
            ConvTranspose2d { weight, bias, stride, padding, padding_out }.forward(x)
        };
        let burns = |x, weight, bias| {
            let options = ConvTransposeOptions::new(stride, padding, padding_out, [1, 1], 1);
            conv_transpose2d(x, weight, Some(bias), options)
        };
        compare(&what, all(&inputs, &bias, layer), all(&inputs, &bias, burns));
    }
}

#[test]
fn convolutions_over_time_are_burns() {
    let device = Device::flex().autodiff();
    for (kernel, stride) in [(3, 1), (9, 1), (5, 2)] {
        let rng = &mut stream(kernel as u64, "time", 0);
        let layer = Conv1d {
            weight: Param::from_tensor(tensor(rng, [7, 4, kernel], &device)),
            ..Conv1d::new([4, 7], kernel, stride, &device)
        };
        let x = tensor(rng, [3, 4, 40], &device);
        let options = ConvOptions::new([stride], [kernel / 2], [1], 1);
        let want = conv1d(x.clone(), layer.weight.val(), Some(layer.bias.val()), options);
        assert_close("convolution over time", &values(layer.forward(x)), &values(want));
    }
}

#[test]
fn rectifiers_are_burns() {
    let device = Device::flex().autodiff();
    for n_slopes in [1, 6] {
        let rng = &mut stream(n_slopes as u64, "slopes", 0);
        let alpha = tensor(rng, [n_slopes], &device);
        let inputs = [tensor(rng, [3, 6, 5, 7], &device), tensor(rng, [1, 1, 1, 1], &device)];
        // The weight only makes up the number of inputs.
        let ours = |x: Tensor<4>, weight, alpha| PRelu { alpha: Param::from_tensor(alpha) }.forward(x) + weight;
        let burns = |x: Tensor<4>, weight, alpha| prelu(x, alpha) + weight;
        compare(&format!("{n_slopes} slopes"), all(&inputs, &alpha, ours), all(&inputs, &alpha, burns));
    }
}

/// Maps scaled and shifted per image, or the same for all, and their means.
#[test]
fn scaled_maps_are_burns() {
    let device = Device::flex().autodiff();
    for (rows, maps) in [(3, 6), (1, 6), (3, 37), (1, 1)] {
        let rng = &mut stream(maps as u64, "scaled maps", rows as u64);
        let (scale, shift) = (tensor(rng, [rows, maps, 1, 1], &device), tensor(rng, [maps], &device));
        let inputs = [tensor(rng, [3, maps, 5, 4], &device), scale];
        let ours = |x: Tensor<4>, scale: Tensor<4>, shift: Tensor<1>| {
            let scaled = scale_maps(x, scale.reshape([rows, maps]), shift.unsqueeze_dim(0));
            let means = mean_maps(scaled.clone()).reshape([3, maps, 1, 1]);
            scaled * means
        };
        let burns = |x: Tensor<4>, scale: Tensor<4>, shift: Tensor<1>| {
            let scaled = x * scale + shift.reshape([1, maps, 1, 1]);
            scaled.clone() * scaled.mean_dim(3).mean_dim(2)
        };
        compare(&format!("{rows} rows of {maps} maps"), all(&inputs, &shift, ours), all(&inputs, &shift, burns));
    }
}

/// y_i = x_i / √(β_i + Σ γ_ij x_j²), by the formula.
#[test]
fn divisive_normalisation_is_its_formula() {
    let device = Device::flex();
    let (maps, places) = (5, 6);
    for gain in [Gain::Divide, Gain::Multiply] {
        let rng = &mut stream(4, "gdn", 0);
        let layer = Gdn {
            root_beta: Param::from_tensor(tensor(rng, [maps], &device)),
            root_gamma: Param::from_tensor(tensor(rng, [maps, maps], &device)),
            ..Gdn::new(maps, gain, &device)
        };
        let x = tensor(rng, [1, maps, 2, 3], &device);
        let (beta, gamma) = (values(layer.root_beta.val()), values(layer.root_gamma.val()));
        let (y, x) = (values(layer.forward(x.clone())), values(x));
        let mut want = Vec::new();
        for i in 0..maps {
            for place in 0..places {
                let energy: f32 = (0..maps).map(|j| (gamma[i * maps + j] * x[j * places + place]).powi(2)).sum();
                let root = (beta[i].powi(2) + energy).sqrt();
                let x = x[i * places + place];
                want.push(if gain == Gain::Divide { x / root } else { x * root });
            }
        }
        assert_close("normalised", &y, &want);
    }
}

/// The gradient of a chain of layers along a random direction is the difference quotient.
#[test]
fn gradients_are_finite_differences() {
    let device = Device::flex().autodiff();
    let rng = &mut stream(2, "chain", 0);
    let down = Conv2d::new([2, 6], 5, 2, &device);
    let up = ConvTranspose2d::new([6, 2], 4, 2, &device);
    let down = Conv2d { weight: Param::from_tensor(tensor(rng, [6, 2, 5, 5], &device)), ..down };
    let up = ConvTranspose2d { weight: Param::from_tensor(tensor(rng, [6, 2, 4, 4], &device)), ..up };
    let (slope, norm) = (PRelu::of_maps(6, &device), Gdn::new(6, Gain::Divide, &device));
    let loss = |x: Tensor<4>| up.forward(slope.forward(norm.forward(down.forward(x)))).square().mean();

    let x = tensor(rng, [3, 2, 8, 8], &device);
    let direction = tensor(rng, [3, 2, 8, 8], &device);
    let tracked = x.clone().require_grad();
    let gradient = tracked.grad(&loss(tracked.clone()).backward()).expect("a gradient");
    let along: f32 = (gradient * direction.clone().inner()).sum().into_scalar();
    let step = 1e-3;
    let at = |t: f32| loss(x.clone() + direction.clone() * t).into_scalar::<f32>();
    let quotient = (at(step) - at(-step)) / (2.0 * step);
    assert!((along - quotient).abs() < 5e-3 * quotient.abs().max(0.1), "{along} by gradient, {quotient} by difference");
}

/// Images in any memory order, one at a time or together, inside a graph or not, give the same values.
#[test]
fn values_do_not_depend_on_memory_order_or_batch() {
    let plain = Device::flex();
    let rng = &mut stream(3, "order", 0);
    let layer =
        Conv2d { weight: Param::from_tensor(tensor(rng, [16, 3, 5, 5], &plain)), ..Conv2d::new([3, 16], 5, 2, &plain) };
    let x: Tensor<4> = tensor(rng, [4, 3, 12, 12], &plain);
    let together = values(layer.forward(x.clone()));
    let turned = x.clone().permute([0, 2, 3, 1]).mul_scalar(1.0).permute([0, 3, 1, 2]);
    assert_eq!(values(layer.forward(turned)), together, "channels-last memory");
    let alone: Vec<f32> = x.split(1, 0).into_iter().flat_map(|x| values(layer.forward(x))).collect();
    assert_eq!(alone, together, "image by image");
}
