//! Shapes of the ten digits: the points that the pen passes through, before deformation.
//!
//! A point is `[x, y]` in hundredths of a digit's height, y downwards. The pen runs smoothly through a stroke's points;
//! a repeated point is a corner. A variant listed twice is drawn twice as often.

/// One variant of a digit: strokes of points.
pub(super) type Template = &'static [&'static [[i8; 2]]];

/// The variants of each digit, indexed by label.
pub(super) const TEMPLATES: [&[Template]; 10] = [
    &[OVAL, OVAL, LAPPED_OVAL],
    &[STICK, STICK, STICK, FLAGGED, FLAGGED_WITH_BASE],
    &[SWAN, LOOPED_SWAN, LOOPED_SWAN, ROUND_SWAN],
    &[ROUND_THREE, ROUND_THREE, FLAT_THREE, CURLED_THREE],
    &[OPEN_FOUR, OPEN_FOUR, ROUND_FOUR, CLOSED_FOUR],
    &[CAPPED_FIVE, CAPPED_FIVE, FLOWING_FIVE],
    &[SIX, SIX, UPRIGHT_SIX],
    &[SEVEN, SEVEN, HOOKED_SEVEN, BARRED_SEVEN],
    &[EIGHT, EIGHT, EIGHT_OF_TWO_RINGS],
    &[NINE, NINE, TAILED_NINE, OPEN_NINE],
];

const OVAL: Template = &[&[[44, 2], [14, 14], [-2, 50], [8, 86], [34, 98], [60, 84], [70, 46], [60, 12], [36, 2]]];
const LAPPED_OVAL: Template = &[
    &[[52, 10], [26, 4], [6, 32], [4, 68], [22, 96], [50, 90], [67, 58], [62, 22], [42, 4], [24, 12]],
];
const STICK: Template = &[&[[39, 0], [30, 50], [22, 100]]];
const FLAGGED: Template = &[&[[12, 20], [32, 0], [32, 0], [32, 50], [32, 100]]];
const FLAGGED_WITH_BASE: Template = &[
    &[[8, 22], [32, 0], [32, 0], [32, 50], [32, 98]],
    &[[6, 98], [32, 98], [60, 97]],
];
const SWAN: Template = &[&[[5, 20], [28, 2], [56, 14], [52, 44], [26, 74], [2, 97], [2, 97], [35, 95], [70, 96]]];
const LOOPED_SWAN: Template = &[
    &[[6, 20], [30, 2], [57, 16], [50, 50], [24, 88], [5, 95], [5, 80], [22, 77], [44, 93], [72, 90]],
];
const ROUND_SWAN: Template = &[
    &[[4, 30], [12, 6], [42, 2], [58, 24], [42, 58], [6, 95], [6, 95], [30, 88], [52, 96], [72, 88]],
];
const ROUND_THREE: Template = &[
    &[[6, 14], [30, 1], [55, 15], [47, 38], [24, 47], [24, 47], [52, 55], [62, 76], [40, 97], [4, 90]],
];
const FLAT_THREE: Template = &[
    &[[6, 4], [32, 5], [56, 3], [56, 3], [26, 40], [26, 40], [53, 48], [60, 76], [36, 97], [2, 88]],
];
const CURLED_THREE: Template = &[
    &[[8, 10], [36, 1], [56, 16], [44, 40], [26, 50], [22, 43], [36, 42], [58, 58], [58, 82], [34, 98], [6, 94]],
];
const OPEN_FOUR: Template = &[
    &[[10, 2], [5, 28], [4, 52], [4, 52], [32, 54], [60, 48]],
    &[[60, 0], [56, 45], [50, 100]],
];
const ROUND_FOUR: Template = &[&[[8, 4], [4, 32], [14, 52], [38, 50], [58, 30], [62, 4], [62, 4], [56, 50], [50, 100]]];
const CLOSED_FOUR: Template = &[
    &[[50, 2], [22, 32], [0, 60], [0, 60], [34, 61], [70, 58]],
    &[[50, 2], [48, 50], [46, 100]],
];
const CAPPED_FIVE: Template = &[
    &[[16, 4], [12, 22], [8, 42], [8, 42], [36, 38], [57, 60], [46, 88], [20, 98], [0, 88]],
    &[[16, 4], [42, 5], [74, 0]],
];
const FLOWING_FIVE: Template = &[
    &[[66, 2], [42, 6], [22, 7], [16, 26], [18, 42], [44, 52], [52, 74], [34, 95], [2, 94]],
];
const SIX: Template = &[&[[50, 0], [22, 24], [5, 58], [8, 86], [30, 99], [54, 88], [56, 68], [38, 56], [12, 72]]];
const UPRIGHT_SIX: Template = &[
    &[[22, 0], [10, 30], [4, 66], [14, 94], [40, 97], [56, 80], [46, 62], [24, 66], [10, 84]],
];
const SEVEN: Template = &[&[[0, 10], [30, 9], [60, 6], [60, 6], [46, 45], [36, 100]]];
const HOOKED_SEVEN: Template = &[&[[3, 24], [6, 8], [6, 8], [34, 8], [58, 6], [56, 20], [42, 55], [33, 100]]];
const BARRED_SEVEN: Template = &[
    &[[2, 8], [30, 6], [62, 4], [62, 4], [44, 48], [32, 100]],
    &[[16, 52], [40, 50], [66, 48]],
];
const EIGHT: Template = &[
    &[[56, 12], [32, 1], [10, 16], [24, 40], [48, 60], [52, 84], [28, 99], [6, 84], [18, 60], [46, 38], [58, 14]],
];
const EIGHT_OF_TWO_RINGS: Template = &[
    &[[32, 1], [12, 12], [14, 34], [33, 46], [52, 34], [54, 12], [34, 1]],
    &[[33, 46], [10, 60], [6, 84], [32, 99], [58, 84], [55, 60], [33, 46]],
];
const NINE: Template = &[
    &[[54, 12], [32, 1], [8, 18], [10, 40], [32, 46], [52, 28], [57, 8], [57, 8], [54, 50], [46, 100]],
];
const TAILED_NINE: Template = &[
    &[[54, 10], [30, 2], [8, 20], [14, 42], [38, 42], [54, 16], [56, 34], [52, 74], [34, 98], [8, 92]],
];
const OPEN_NINE: Template = &[&[[50, 6], [24, 4], [5, 24], [14, 44], [40, 36], [54, 10], [46, 46], [30, 100]]];
