use super::{dataset, digit};
use crate::data::{Dataset, mnist, shared};
use crate::spec::Split;

/// The mean image of each digit.
fn class_means(digits: &Dataset) -> [Vec<f32>; 10] {
    let mut means: [Vec<f32>; 10] = std::array::from_fn(|_| vec![0.0; 784]);
    let mut counts = [0.0; 10];
    for (i, &label) in digits.labels.iter().enumerate() {
        counts[usize::from(label)] += 1.0;
        for (sum, pixel) in means[usize::from(label)].iter_mut().zip(digits.images.image(i)) {
            *sum += pixel;
        }
    }
    for (mean, count) in means.iter_mut().zip(counts) {
        for sum in mean {
            *sum /= count;
        }
    }
    means
}

/// Fraction of `digits` whose nearest class mean is that of their label.
fn accuracy(means: &[Vec<f32>; 10], digits: &Dataset) -> f64 {
    let distance = |image: &[f32], mean: &[f32]| image.iter().zip(mean).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    let right = (0..digits.len()).filter(|&i| {
        let image = digits.images.image(i);
        let distances: Vec<f32> = means.iter().map(|mean| distance(image, mean)).collect();
        let nearest = (0..10).min_by(|&a, &b| distances[a].total_cmp(&distances[b])).unwrap();
        nearest == usize::from(digits.labels[i])
    });
    right.count() as f64 / digits.len() as f64
}

#[test]
fn a_digit_depends_on_seed_and_index_alone() {
    let all = dataset(5, 0..20);
    assert_eq!(all, dataset(5, 0..20));
    assert_eq!(digit(5, 7), (all.images.image(7).to_vec(), all.labels[7]));
    assert_eq!(dataset(5, 7..9).images.pixels, all.images.range(7..9));
    assert_ne!(digit(5, 7).0, digit(6, 7).0);
    // Recorded results contain only seed and index: the drawing must not change.
    let (image, label) = digit(1, 0);
    assert_eq!((image.iter().sum::<f32>().to_string().as_str(), label), ("66.73261", 5));
    for i in 1..20 {
        assert_ne!(all.images.image(0), all.images.image(i));
    }
}

#[test]
fn every_digit_is_ink_on_an_empty_frame() {
    let digits = dataset(1, 0..3000);
    let (mut counts, mut touching) = ([0; 10], 0);
    for (i, &label) in digits.labels.iter().enumerate() {
        counts[usize::from(label)] += 1;
        let image = digits.images.image(i);
        assert!(image.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
        let ink: f32 = image.iter().sum();
        assert!(ink > 15.0 && ink < 300.0, "digit {i}, a {label}, has {ink} pixels of ink");
        let mut border = (0..28).flat_map(|k| [k, 27 * 28 + k, 28 * k, 28 * k + 27]);
        touching += u32::from(border.any(|p| image[p] > 0.5));
    }
    // MNIST itself: 11 in 1000.
    assert!(touching < 45, "{touching} of 3000 digits touch the border");
    assert!(counts.iter().all(|count| (200..400).contains(count)), "{counts:?}");
}

#[test]
fn grey_levels_are_those_of_mnist() {
    let pixels = dataset(2, 0..4000).images.pixels;
    let mean = pixels.iter().sum::<f32>() / pixels.len() as f32;
    let std = (pixels.iter().map(|pixel| (pixel - mean) * (pixel - mean)).sum::<f32>() / pixels.len() as f32).sqrt();
    assert!((mean - 0.1307).abs() < 0.01 && (std - 0.3081).abs() < 0.01, "mean {mean}, std {std}");
}

#[test]
fn classes_can_be_told_apart() {
    let means = class_means(&dataset(3, 0..2000));
    let accuracy = accuracy(&means, &dataset(4, 0..2000));
    assert!(accuracy > 0.8, "nearest class mean is right for {accuracy}");
}

#[test]
fn they_teach_to_read_mnist() {
    let Some(folder) = shared("mnist", "they_teach_to_read_mnist") else { return };
    let test = mnist::read(&folder, Split::Test).unwrap();
    let accuracy = accuracy(&class_means(&dataset(3, 0..2000)), &test);
    assert!(accuracy > 0.65, "nearest class mean is right for {accuracy}");
}
