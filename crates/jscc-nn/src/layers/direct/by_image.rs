//! Operations in which each map of each image has its own factor. Tensors are channels-last, `dims` being `[batch, maps,
//! height, width]`; factors are `[batch, maps]` or, where they are fewer, `[1, maps]` for all images.

use pulp::Arch;

/// `scale · x + shift`.
pub fn scale_maps([batch, maps, height, width]: [usize; 4], x: &[f32], scale: &[f32], shift: &[f32]) -> Vec<f32> {
    let image = maps * height * width;
    assert_eq!(x.len(), batch * image, "values of {batch} images of {image}");
    let mut y = vec![0.0; x.len()];
    for (i, (x, y)) in x.chunks_exact(image).zip(y.chunks_exact_mut(image)).enumerate() {
        let (scale, shift) = (of_image(scale, i, maps), of_image(shift, i, maps));
        Arch::new().dispatch(|| {
            for (x, y) in x.chunks_exact(maps).zip(y.chunks_exact_mut(maps)) {
                for ((y, x), (scale, shift)) in y.iter_mut().zip(x).zip(scale.iter().zip(shift)) {
                    *y = scale * x + shift;
                }
            }
        });
    }
    y
}

/// From the gradient behind [`scale_maps`] to those of x, scale and shift.
pub fn scale_maps_backward(
    [_, maps, height, width]: [usize; 4],
    x: &[f32],
    scale: &[f32],
    n_shifts: usize,
    gradient: &[f32],
) -> [Vec<f32>; 3] {
    let image = maps * height * width;
    let (mut by_x, mut by_scale, mut by_shift) = (vec![0.0; x.len()], vec![0.0; scale.len()], vec![0.0; n_shifts]);
    let images = x.chunks_exact(image).zip(gradient.chunks_exact(image)).zip(by_x.chunks_exact_mut(image));
    for (i, ((x, gradient), by_x)) in images.enumerate() {
        let scale = of_image(scale, i, maps);
        let [of_scale, of_shift] = [by_scale.len(), n_shifts].map(|n| if n == maps { 0 } else { i * maps });
        let (by_scale, by_shift) = (&mut by_scale[of_scale..][..maps], &mut by_shift[of_shift..][..maps]);
        Arch::new().dispatch(|| {
            let places = x.chunks_exact(maps).zip(gradient.chunks_exact(maps)).zip(by_x.chunks_exact_mut(maps));
            for ((x, gradient), by_x) in places {
                let sums = by_scale.iter_mut().zip(by_shift.iter_mut()).zip(scale);
                for (((by_scale, by_shift), scale), ((by_x, x), gradient)) in
                    sums.zip(by_x.iter_mut().zip(x).zip(gradient))
                {
                    *by_x = scale * gradient;
                    *by_scale += x * gradient;
                    *by_shift += gradient;
                }
            }
        });
    }
    [by_x, by_scale, by_shift]
}

/// The mean of each map of each image.
pub fn map_means([batch, maps, height, width]: [usize; 4], x: &[f32]) -> Vec<f32> {
    let (places, mut means) = (height * width, vec![0.0; batch * maps]);
    for (x, means) in x.chunks_exact(places * maps).zip(means.chunks_exact_mut(maps)) {
        Arch::new().dispatch(|| {
            for x in x.chunks_exact(maps) {
                means.iter_mut().zip(x).for_each(|(mean, x)| *mean += x);
            }
            for mean in means.iter_mut() {
                *mean /= places as f32;
            }
        });
    }
    means
}

/// From the gradient behind [`map_means`] to that of x.
pub fn map_means_backward([_, maps, height, width]: [usize; 4], gradient: &[f32]) -> Vec<f32> {
    let places = height * width;
    let of_image = |gradient: &[f32]| -> Vec<f32> {
        let shares: Vec<f32> = gradient.iter().map(|gradient| gradient / places as f32).collect();
        shares.repeat(places)
    };
    gradient.chunks_exact(maps).flat_map(of_image).collect()
}

/// The factors of an image's maps.
fn of_image(factors: &[f32], image: usize, maps: usize) -> &[f32] {
    if factors.len() == maps { factors } else { &factors[image * maps..(image + 1) * maps] }
}
