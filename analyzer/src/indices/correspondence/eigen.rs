//! Eigenvalues and eigenvectors of a small symmetric matrix, by cyclic Jacobi rotations.

/// What is left off the diagonal, against the whole matrix, in squares: twelve digits are right by then.
const LEFT: f64 = 1e-26;
/// An entry below this share of its two diagonal ones changes neither.
const NEGLIGIBLE: f64 = 1e-15;
/// Sweeps after which no matrix of our sizes is left unfinished.
const MOST_SWEEPS: usize = 60;

/// Pairs of eigenvalue and unit eigenvector, the largest value first.
pub(crate) fn symmetric<Row: AsRef<[f64]>>(matrix: &[Row]) -> Vec<(f64, Vec<f64>)> {
    let size = matrix.len();
    let mut a: Vec<Vec<f64>> = matrix.iter().map(|row| row.as_ref().to_vec()).collect();
    let mut vectors: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            (0..size)
                .map(|column| f64::from(u8::from(row == column)))
                .collect()
        })
        .collect();
    let scale: f64 = a.iter().flatten().map(|value| value * value).sum();
    for _ in 0..MOST_SWEEPS {
        let off: f64 = (0..size)
            .map(|row| a[row][..row].iter().map(|value| value * value).sum::<f64>())
            .sum();
        if off <= LEFT * scale {
            break;
        }
        for row in 1..size {
            for column in 0..row {
                rotate(&mut a, &mut vectors, column, row);
            }
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> = vectors
        .into_iter()
        .enumerate()
        .map(|(row, vector)| (a[row][row], vector))
        .collect();
    pairs.sort_by(|left, right| right.0.total_cmp(&left.0));
    pairs
}

/// Makes `a[p][q]` zero, p < q. `vectors` holds an eigenvector a row.
fn rotate(a: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    if a[p][q].abs() <= NEGLIGIBLE * (a[p][p] * a[q][q]).abs().sqrt() {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let tangent = if theta == 0.0 {
        1.0
    } else {
        theta.signum() / (theta.abs() + theta.hypot(1.0))
    };
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for row in a.iter_mut() {
        (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
    }
    turn(a, p, q, cosine, sine);
    turn(vectors, p, q, cosine, sine);
}

/// Turns rows `p` < `q`.
fn turn(rows: &mut [Vec<f64>], p: usize, q: usize, cosine: f64, sine: f64) {
    let (above, below) = rows.split_at_mut(q);
    for (upper, lower) in above[p].iter_mut().zip(&mut below[0]) {
        (*upper, *lower) = (cosine * *upper - sine * *lower, sine * *upper + cosine * *lower);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_matrix_is_taken_apart() {
        let matrix = [[2.0, 1.0, 0.0], [1.0, 2.0, 1.0], [0.0, 1.0, 2.0]].map(Vec::from);
        let root = 2.0_f64.sqrt();
        for ((value, vector), expected) in symmetric(&matrix).iter().zip([2.0 + root, 2.0, 2.0 - root]) {
            assert!((value - expected).abs() < 1e-12);
            for (row, own) in matrix.iter().zip(vector) {
                let product: f64 = row.iter().zip(vector).map(|(a, b)| a * b).sum();
                assert!((product - value * own).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn no_matrix_has_no_eigenvalues() {
        assert!(symmetric::<Vec<f64>>(&[]).is_empty());
    }
}
