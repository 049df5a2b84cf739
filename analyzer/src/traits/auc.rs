//! Area under the ROC curve with its DeLong interval (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837; by
//! midranks: Sun & Xu 2014, IEEE Signal Processing Letters 21:1389).

/// Quantile of the normal distribution for a two-sided 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// How well a score tells members from others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Auc {
    /// Chance that a member scores above a non-member, ties half: 0 to 1.
    pub area: f64,
    /// Lower bound of the 95 % interval.
    pub low: f64,
    /// Upper bound of the 95 % interval.
    pub high: f64,
}

/// AUC of `scores`, `None` with fewer than two members or two others.
///
/// ```
/// use genomic_pleiotropy::traits::auc::auc;
///
/// let auc = auc(&[1.0, 2.0, 3.0, 4.0], &[false, false, true, true]).unwrap();
/// assert_eq!(auc.area, 1.0);
/// ```
pub fn auc(scores: &[f64], is_member: &[bool]) -> Option<Auc> {
    let members = is_member.iter().filter(|&&is| is).count() as f64;
    let others = scores.len() as f64 - members;
    if members < 2.0 || others < 2.0 {
        return None;
    }
    let placed = placements(scores, is_member);
    let area = placed.member_sum / (members * others);
    let spread = placed.member_spread(area, others) / (members * (members - 1.0))
        + placed.other_spread(area, members) / (others * (others - 1.0));
    let half = Z_95 * spread.sqrt();
    Some(Auc {
        area,
        low: (area - half).max(0.0),
        high: (area + half).min(1.0),
    })
}

/// For each member the others below it, for each other the members above it, ties half: sums and sums of squares.
struct Placements {
    member_sum: f64,
    member_squares: f64,
    members: f64,
    other_squares: f64,
    others: f64,
}

impl Placements {
    /// Σ (placement/others − area)² over members. Both placements have the mean `area`.
    fn member_spread(&self, area: f64, others: f64) -> f64 {
        (self.member_squares / (others * others) - self.members * area * area).max(0.0)
    }

    fn other_spread(&self, area: f64, members: f64) -> f64 {
        (self.other_squares / (members * members) - self.others * area * area).max(0.0)
    }
}

/// Only the members are sorted: of another gene it matters between which of them it lies.
fn placements(scores: &[f64], is_member: &[bool]) -> Placements {
    let mut members: Vec<f64> = scores
        .iter()
        .zip(is_member)
        .filter(|(_, is)| **is)
        .map(|(&score, _)| score)
        .collect();
    members.sort_unstable_by(f64::total_cmp);
    // Others by the first member that is not below them: those below it, and those level with it.
    let (mut below, mut level) = (vec![0_u32; members.len() + 1], vec![0_u32; members.len()]);
    for (score, _) in scores.iter().zip(is_member).filter(|(_, is)| !**is) {
        let rank = members.partition_point(|member| member.total_cmp(score).is_lt());
        match members.get(rank) {
            Some(member) if member.total_cmp(score).is_eq() => level[rank] += 1,
            _ => below[rank] += 1,
        }
    }
    let mut placed = Placements {
        member_sum: 0.0,
        member_squares: 0.0,
        members: members.len() as f64,
        other_squares: 0.0,
        others: (scores.len() - members.len()) as f64,
    };
    let (mut rank, mut others_below) = (0, 0.0);
    for alike in members.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
        let (count, ties) = (alike.len() as f64, f64::from(level[rank]));
        let above = (members.len() - rank) as f64;
        others_below += f64::from(below[rank]);
        let placement = others_below + ties / 2.0;
        placed.member_sum += count * placement;
        placed.member_squares += count * placement * placement;
        placed.other_squares += f64::from(below[rank]) * above * above;
        placed.other_squares += ties * (above - count / 2.0) * (above - count / 2.0);
        others_below += ties;
        rank += alike.len();
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: every pair, and the two variances of the placements.
    fn by_definition(scores: &[f64], is_member: &[bool]) -> (f64, f64) {
        let side = |wanted| -> Vec<f64> {
            scores
                .iter()
                .zip(is_member)
                .filter(|&(_, &is)| is == wanted)
                .map(|(&s, _)| s)
                .collect()
        };
        let (members, others) = (side(true), side(false));
        let win = |m: f64, o: f64| {
            if m > o {
                1.0
            } else if m < o {
                0.0
            } else {
                0.5
            }
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let member: Vec<f64> = members
            .iter()
            .map(|&m| mean(&others.iter().map(|&o| win(m, o)).collect::<Vec<_>>()))
            .collect();
        let other: Vec<f64> = others
            .iter()
            .map(|&o| mean(&members.iter().map(|&m| win(m, o)).collect::<Vec<_>>()))
            .collect();
        let variance = |values: &[f64]| {
            values.iter().map(|v| (v - mean(values)).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
        };
        (
            mean(&member),
            variance(&member) / members.len() as f64 + variance(&other) / others.len() as f64,
        )
    }

    #[test]
    fn midranks_give_what_the_definition_gives() {
        let scores = [0.3, 1.0, 1.0, -2.0, 5.0, 0.3, 2.5, 1.0, 0.0, 4.0];
        let is_member = [true, false, true, false, true, false, false, true, false, true];
        let auc = auc(&scores, &is_member).unwrap();
        let (area, variance) = by_definition(&scores, &is_member);
        assert!((auc.area - area).abs() < 1e-12);
        assert!((auc.low - (area - Z_95 * variance.sqrt())).abs() < 1e-12);
    }

    #[test]
    fn one_member_has_no_interval() {
        assert_eq!(auc(&[1.0, 2.0, 3.0], &[true, false, false]), None);
    }
}
