//! Against definitions in double precision, over many shapes and on every instruction set that the machine has.

use pulp::Arch;
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::Geometry;
use super::by_map::prelu_backward_on;
use super::by_map::prelu_on;
use super::by_map::sum_maps_on;
use super::correlate::correlate_on;
use super::gather::GatherWeights;
use super::gather::gather;
use super::scatter::ScatterWeights;
use super::scatter::scatter;

fn archs() -> Vec<Arch> {
    #[cfg(target_arch = "x86_64")]
    let narrower = pulp::x86::V3::try_new().map(Arch::V3);
    #[cfg(not(target_arch = "x86_64"))]
    let narrower = None;
    [Some(Arch::new()), Some(Arch::Scalar), narrower].into_iter().flatten().collect()
}

fn values(random: &mut ChaCha8Rng, len: usize) -> Vec<f32> {
    (0..len).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// All that a layer computes with.
struct Case {
    geometry: Geometry,
    n: usize,
    big: Vec<f32>,
    small: Vec<f32>,
    weights: Vec<f32>,
    biases: [Vec<f32>; 2],
}

impl Case {
    fn new(random: &mut ChaCha8Rng, geometry: Geometry, n: usize) -> Self {
        Self {
            geometry,
            n,
            big: values(random, n * geometry.big_len()),
            small: values(random, n * geometry.small_len()),
            weights: values(random, geometry.weights_len()),
            biases: [values(random, geometry.big_maps), values(random, geometry.small_maps)],
        }
    }

    fn any(random: &mut ChaCha8Rng) -> Self {
        let kernel: [usize; 2] = [random.random_range(1..6), random.random_range(1..8)];
        let stride = [random.random_range(1..5), random.random_range(1..5)];
        let padding = kernel.map(|kernel| random.random_range(0..=kernel));
        let big = [0, 1].map(|axis| {
            let least = kernel[axis].saturating_sub(2 * padding[axis]).max(1);
            random.random_range(least..least + 12)
        });
        let maps = [0, 1].map(|_| [1, 2, 3, 4, 8, 16, 17, 32, 40][random.random_range(0..9)]);
        let n = random.random_range(1..12);
        Self::new(random, Geometry::new(maps, kernel, stride, padding, big), n)
    }

    fn gather(&self, arch: Arch) -> Vec<f32> {
        let weights = GatherWeights::for_arch(arch, &self.geometry, &self.weights);
        gather(self.n, &self.big, &weights, Some(&self.biases[1]))
    }

    fn scatter(&self, arch: Arch) -> Vec<f32> {
        let weights = ScatterWeights::for_arch(arch, &self.geometry, &self.weights);
        scatter(self.n, &self.small, &weights, Some(&self.biases[0]))
    }

    fn correlate(&self, arch: Arch) -> Vec<f32> {
        correlate_on(arch, &self.geometry, self.n, &self.big, &self.small)
    }

    /// Calls back with the index of each product's factors: big, small, weight.
    fn products(&self, mut each: impl FnMut(usize, usize, usize)) {
        let g = &self.geometry;
        let pairs = |[rows, columns]: [usize; 2]| (0..rows).flat_map(move |i| (0..columns).map(move |j| (i, j)));
        for (image, (y, x)) in (0..self.n).flat_map(|image| pairs(g.small).map(move |place| (image, place))) {
            for (i, j) in pairs(g.kernel) {
                let row = (y * g.stride[0] + i).wrapping_sub(g.padding[0]);
                let column = (x * g.stride[1] + j).wrapping_sub(g.padding[1]);
                if row >= g.big[0] || column >= g.big[1] {
                    continue;
                }
                let big = ((image * g.big[0] + row) * g.big[1] + column) * g.big_maps;
                let small = ((image * g.small[0] + y) * g.small[1] + x) * g.small_maps;
                for (o, c) in pairs([g.small_maps, g.big_maps]) {
                    each(big + c, small + o, ((o * g.big_maps + c) * g.kernel[0] + i) * g.kernel[1] + j);
                }
            }
        }
    }

    /// The exact results of gather, scatter and correlate.
    fn exact(&self) -> [Vec<f64>; 3] {
        let mut down: Vec<_> = self.biases[1].iter().cycle().take(self.small.len()).map(|x| f64::from(*x)).collect();
        let mut up: Vec<_> = self.biases[0].iter().cycle().take(self.big.len()).map(|x| f64::from(*x)).collect();
        let mut gradient = vec![0.0; self.weights.len()];
        self.products(|b, s, w| {
            let [big, small, weight] = [self.big[b], self.small[s], self.weights[w]].map(f64::from);
            down[s] += big * weight;
            up[b] += small * weight;
            gradient[w] += big * small;
        });
        [down, up, gradient]
    }
}

fn assert_close(ours: &[f32], exact: &[f64], what: &str) {
    assert_eq!(ours.len(), exact.len(), "{what}");
    for (i, (ours, exact)) in ours.iter().zip(exact).enumerate() {
        assert!((f64::from(*ours) - exact).abs() < 1e-4 * (1.0 + exact.abs()), "{what}: {ours} at {i}, not {exact}");
    }
}

fn check(case: &Case) {
    let [down, up, gradient] = case.exact();
    for arch in archs() {
        let what = format!("{} of {:?} in {} lanes", case.n, case.geometry, super::lanes(arch));
        assert_close(&case.gather(arch), &down, &format!("gather of {what}"));
        assert_close(&case.scatter(arch), &up, &format!("scatter of {what}"));
        assert_close(&case.correlate(arch), &gradient, &format!("correlate of {what}"));
    }
}

#[test]
fn any_shape_agrees_with_the_definition() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..150 {
        check(&Case::any(&mut random));
    }
}

#[test]
fn the_layers_of_the_codecs_agree_with_the_definition() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let layers = [
        ([3, 16], 5, 2, 2, 32),
        ([16, 32], 5, 2, 2, 16),
        ([32, 32], 5, 1, 2, 8),
        ([32, 16], 5, 1, 2, 8),
        ([1, 16], 5, 2, 2, 28),
        ([32, 32], 3, 1, 1, 7),
        ([16, 32], 4, 2, 1, 14),
        ([1, 16], 4, 2, 1, 28),
        ([3, 32], 9, 1, 4, 12),
    ];
    for (maps, kernel, stride, padding, size) in layers {
        for n in [1, 9] {
            let geometry = Geometry::new(maps, [kernel; 2], [stride; 2], [padding; 2], [size; 2]);
            check(&Case::new(&mut random, geometry, n));
        }
    }
    let signals = Geometry::new([4, 20], [1, 9], [1, 2], [0, 4], [1, 50]);
    check(&Case::new(&mut random, signals, 3));
}

#[test]
fn vector_width_changes_no_bit() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..100 {
        let case = Case::any(&mut random);
        let all = archs().into_iter().map(|arch| [case.gather(arch), case.scatter(arch), case.correlate(arch)]);
        let all: Vec<_> = all.collect();
        assert!(all.iter().all(|results| *results == all[0]), "{} of {:?}", case.n, case.geometry);
    }
}

#[test]
fn an_image_is_the_same_alone_and_in_a_batch() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for _ in 0..50 {
        let case = Case::any(&mut random);
        let (gathers, scatters) = (case.gather(Arch::new()), case.scatter(Arch::new()));
        let (big_len, small_len) = (case.geometry.big_len(), case.geometry.small_len());
        for image in 0..case.n {
            let (bigs, smalls) = (image * big_len..(image + 1) * big_len, image * small_len..(image + 1) * small_len);
            let (big, small) = (case.big[bigs.clone()].to_vec(), case.small[smalls.clone()].to_vec());
            let alone = Case { n: 1, big, small, weights: case.weights.clone(), biases: case.biases.clone(), ..case };
            assert_eq!(alone.gather(Arch::new()), gathers[smalls]);
            assert_eq!(alone.scatter(Arch::new()), scatters[bigs]);
        }
    }
}

#[test]
fn scatter_is_the_adjoint_of_gather() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    for _ in 0..50 {
        let case = Case::any(&mut random);
        let down = gather(case.n, &case.big, &GatherWeights::new(&case.geometry, &case.weights), None);
        let up = scatter(case.n, &case.small, &ScatterWeights::new(&case.geometry, &case.weights), None);
        let (left, right) = (dot(&down, &case.small), dot(&case.big, &up));
        assert!((left - right).abs() < 1e-3 * (1.0 + left.abs()), "{left} and {right} for {:?}", case.geometry);
    }
}

#[test]
fn operations_by_map_agree_with_their_definitions() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    for _ in 0..60 {
        let maps = random.random_range(1..70);
        let positions = random.random_range(1..90);
        let (x, gradient) = (values(&mut random, positions * maps), values(&mut random, positions * maps));
        let separate: bool = random.random();
        let slopes = values(&mut random, if separate { maps } else { 1 });
        let mut sums = vec![0.0; maps];
        let mut out = Vec::new();
        let mut before = Vec::new();
        let mut slope_sums = vec![0.0; slopes.len()];
        for (i, (x, gradient)) in x.iter().zip(&gradient).map(|(x, g)| (f64::from(*x), f64::from(*g))).enumerate() {
            let slope = f64::from(slopes[i % slopes.len()]);
            sums[i % maps] += x;
            out.push(if x > 0.0 { x } else { x * slope });
            before.push(if x > 0.0 { gradient } else { gradient * slope });
            slope_sums[i % slopes.len()] += x.min(0.0) * gradient;
        }
        let mut results = Vec::new();
        for arch in archs() {
            let (mut ours, mut ours_before) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            prelu_on(arch, &x, &slopes, &mut ours);
            let ours_slopes = prelu_backward_on(arch, &x, &slopes, &gradient, &mut ours_before);
            let ours_sums = sum_maps_on(arch, &x, maps);
            assert_close(&ours, &out, "prelu");
            assert_close(&ours_before, &before, "gradient of x");
            assert_close(&ours_slopes, &slope_sums, "gradient of the slopes");
            assert_close(&ours_sums, &sums, "sums");
            results.push([ours, ours_before, ours_slopes, ours_sums]);
        }
        assert!(results.iter().all(|result| *result == results[0]), "{positions} positions of {maps} maps");
    }
}

#[test]
fn no_images_give_no_outputs_and_no_gradient() {
    let geometry = Geometry::new([2, 3], [3, 3], [2, 2], [1, 1], [5, 5]);
    let case = Case::new(&mut ChaCha8Rng::seed_from_u64(7), geometry, 0);
    assert!(case.gather(Arch::new()).is_empty() && case.scatter(Arch::new()).is_empty());
    assert_eq!(case.correlate(Arch::new()), vec![0.0; geometry.weights_len()]);
}

#[test]
#[should_panic(expected = "7 values for 1 images, not 8")]
fn a_wrong_length_is_told() {
    let geometry = Geometry::new([2, 1], [1, 1], [1, 1], [0, 0], [2, 2]);
    gather(1, &[0.0; 7], &GatherWeights::new(&geometry, &[1.0; 2]), None);
}
