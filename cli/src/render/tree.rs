//! The tree of stacks and resources that a deployment shows while it runs.

use super::text::{count, duration, fit, pad};
use owo_colors::OwoColorize;
use std::time::{Duration, Instant};

/// More moving lines than this cannot be read.
const MOST_LINES: usize = 24;
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME: Duration = Duration::from_millis(100);

/// What stands on the screen.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) stacks: Vec<Stack>,
    pub(crate) began: Instant,
}

#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) done: usize,
    pub(crate) total: usize,
    pub(crate) began: Option<Instant>,
    pub(crate) ended: Option<Instant>,
    /// What is under way, oldest first.
    pub(crate) active: Vec<Resource>,
    /// Why it waits, failed or did nothing.
    pub(crate) remark: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    Running,
    RollingBack,
    Done,
    Unchanged,
    Failed,
}

#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// The construct's path within its stack, or the logical id where the path is not known.
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) began: Instant,
}

/// The lines of the tree: at most 24, none wider than `width`.
pub(crate) fn draw(tree: &Tree, width: usize, now: Instant) -> Vec<String> {
    let name_width = tree.stacks.iter().map(|stack| stack.name.chars().count()).max().unwrap_or(0).min(width / 2);
    let mut room = MOST_LINES.saturating_sub(tree.stacks.len() + 1);
    let mut running = tree.stacks.iter().filter(|stack| !stack.active.is_empty()).count();
    let mut lines = Vec::new();
    for stack in &tree.stacks {
        lines.push(stack_line(stack, name_width, width, tree.began, now));
        if stack.active.is_empty() || running == 0 {
            continue;
        }
        let share = room / running;
        let shown = active_lines(&stack.active, share, width, now);
        room -= shown.len();
        running -= 1;
        lines.extend(shown);
    }
    lines.push(summary_line(tree, width, now));
    lines
}

fn stack_line(stack: &Stack, name_width: usize, width: usize, began: Instant, now: Instant) -> String {
    let mark = match stack.state {
        State::Waiting => "○".dimmed().to_string(),
        State::Running => spinner(began, now).cyan().to_string(),
        State::RollingBack => spinner(began, now).yellow().to_string(),
        State::Done => "✓".green().to_string(),
        State::Unchanged => "=".green().to_string(),
        State::Failed => "✗".red().to_string(),
    };
    let progress = match stack.state {
        State::Waiting => String::new(),
        _ => format!("{}/{}", stack.done, stack.total),
    };
    let time = stack.began.map(|began| duration(stack.ended.unwrap_or(now).saturating_duration_since(began)));
    let remark =
        if stack.state == State::RollingBack && stack.remark.is_empty() { "rolling back" } else { &stack.remark };
    let text = format!("{progress:>7}  {:<10} {remark}", time.unwrap_or_default());
    let rest = width.saturating_sub(name_width + 3);
    let name = pad(&stack.name, name_width);
    let name = if stack.state == State::Waiting { name.dimmed().to_string() } else { name.bold().to_string() };
    format!("{mark} {name} {}", fit(text.trim_end(), rest))
}

fn active_lines(active: &[Resource], share: usize, width: usize, now: Instant) -> Vec<String> {
    if share == 0 {
        return Vec::new();
    }
    let shown = if active.len() <= share { active.len() } else { share - 1 };
    let mut lines: Vec<String> = active
        .iter()
        .take(shown)
        .map(|resource| {
            let since = duration(now.saturating_duration_since(resource.began));
            let kind = resource.kind.strip_prefix("AWS::").unwrap_or(&resource.kind);
            let kind_width = (width / 3).min(36);
            let id_width = width.saturating_sub(kind_width + 16).min(52);
            let line = format!("    {} {} {since}", pad(kind, kind_width), pad(&resource.name, id_width));
            fit(&line, width).dimmed().to_string()
        })
        .collect();
    if shown < active.len() {
        lines.push(fit(&format!("    and {} more", active.len() - shown), width).dimmed().to_string());
    }
    lines
}

fn summary_line(tree: &Tree, width: usize, now: Instant) -> String {
    let ended = tree.stacks.iter().filter(|stack| matches!(stack.state, State::Done | State::Unchanged)).count();
    let resources: usize = tree.stacks.iter().map(|stack| stack.done).sum();
    let of: usize = tree.stacks.iter().map(|stack| stack.total).sum();
    let text = format!(
        "{ended} of {}, {resources} of {}, {}",
        count(tree.stacks.len(), "stack"),
        count(of, "resource"),
        duration(now.saturating_duration_since(tree.began))
    );
    fit(&text, width)
}

fn spinner(began: Instant, now: Instant) -> &'static str {
    let frame = now.saturating_duration_since(began).as_millis() / FRAME.as_millis();
    SPINNER[usize::try_from(frame).unwrap_or(0) % SPINNER.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> (Tree, Instant) {
        let began = Instant::now();
        let now = began + Duration::from_millis(65_300);
        let resource = |index: usize| Resource {
            name: format!("Zone{index}/PrivateSubnet/RouteTableAssociation"),
            kind: "AWS::EC2::SubnetRouteTableAssociation".to_owned(),
            began: began + Duration::from_secs(60),
        };
        let stack = |name: &str, state, active: Vec<Resource>, remark: &str| Stack {
            name: name.to_owned(),
            state,
            done: if state == State::Waiting { 0 } else { 12 },
            total: 33,
            began: (state != State::Waiting).then_some(began),
            ended: (state == State::Done).then_some(began + Duration::from_millis(900)),
            active,
            remark: remark.to_owned(),
        };
        let stacks = vec![
            stack("como-prod-network", State::Running, (0..12).map(resource).collect(), ""),
            stack("como-prod-data", State::Running, (0..20).map(resource).collect(), ""),
            stack("como-prod-identity", State::Done, Vec::new(), ""),
            stack("como-prod-compute", State::Waiting, Vec::new(), "waits for como-prod-network"),
            stack("como-prod-svc-accounts", State::Waiting, Vec::new(), "waits for como-prod-compute"),
            stack("como-prod-api", State::Failed, Vec::new(), "the certificate is not there"),
        ];
        (Tree { stacks, began }, now)
    }

    fn check(width: usize) -> String {
        let (tree, now) = tree();
        let lines: Vec<String> =
            draw(&tree, width, now).iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect();
        assert!(lines.len() <= MOST_LINES, "{} lines", lines.len());
        for line in &lines {
            assert!(line.chars().count() <= width, "{line}");
        }
        lines.join("\n")
    }

    #[test]
    fn the_tree_fits_narrow_and_wide_terminals() {
        insta::assert_snapshot!("columns_80", check(80));
        insta::assert_snapshot!("columns_140", check(140));
        check(20);
    }
}
