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

/// How much of a terminal the tree may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Space {
    /// Columns; no line is wider.
    pub(crate) width: usize,
    /// Lines; more are folded into counts.
    pub(crate) lines: usize,
}

impl Space {
    /// For a tree that is redrawn on a terminal of this size.
    pub(crate) fn moving(width: usize, rows: usize) -> Self {
        Self { width, lines: rows.min(MOST_LINES) }
    }

    /// For the last frame, which stays and may scroll.
    pub(crate) fn lasting(width: usize) -> Self {
        Self { width, lines: usize::MAX }
    }
}

/// The lines of the tree. What moves or has failed is always there; where lines are short, stacks that are done and stacks
/// that wait are folded into counts, the longest done and the last to come first.
pub(crate) fn draw(tree: &Tree, space: Space, now: Instant) -> Vec<String> {
    let longest = tree.stacks.iter().map(|stack| stack.name.chars().count()).max().unwrap_or(0);
    let pen = Pen { name_width: longest.min(space.width / 2), width: space.width, began: tree.began, now };
    let room = space.lines.saturating_sub(1);
    let mut lines = if tree.stacks.len() + tree.stacks.iter().filter(|stack| !stack.active.is_empty()).count() <= room {
        pen.moving(&tree.stacks.iter().collect::<Vec<_>>(), room)
    } else {
        folded(tree, &pen, room)
    };
    lines.push(summary_line(tree, space.width, now));
    lines
}

/// What all lines of one frame share.
struct Pen {
    name_width: usize,
    width: usize,
    began: Instant,
    now: Instant,
}

impl Pen {
    /// Stacks, each with what it is doing, in at most `room` lines.
    fn moving(&self, stacks: &[&Stack], room: usize) -> Vec<String> {
        let shown = if stacks.len() <= room { stacks.len() } else { room.saturating_sub(1) };
        let mut room = room.saturating_sub(stacks.len());
        let mut busy = stacks.iter().filter(|stack| !stack.active.is_empty()).count();
        let mut lines = Vec::new();
        for stack in &stacks[..shown] {
            lines.push(self.stack(stack));
            if stack.active.is_empty() {
                continue;
            }
            let resources = active_lines(&stack.active, room / busy, self.width, self.now);
            room -= resources.len();
            busy -= 1;
            lines.extend(resources);
        }
        if shown < stacks.len() {
            lines.push(self.fold(" ", &format!("and {} at work", count(stacks.len() - shown, "more stack"))));
        }
        lines
    }

    fn stack(&self, stack: &Stack) -> String {
        stack_line(stack, self.name_width, self.width, self.began, self.now)
    }

    fn fold(&self, mark: &str, text: &str) -> String {
        format!("{mark} {}", fit(text, self.width.saturating_sub(2)).dimmed())
    }
}

fn folded(tree: &Tree, pen: &Pen, room: usize) -> Vec<String> {
    let of = |wanted: fn(State) -> bool| tree.stacks.iter().filter(|stack| wanted(stack.state)).collect::<Vec<_>>();
    let mut quiet = of(|state| matches!(state, State::Done | State::Unchanged));
    quiet.sort_by_key(|stack| stack.ended);
    let moving = of(|state| matches!(state, State::Running | State::RollingBack | State::Failed));
    let waiting = of(|state| state == State::Waiting);

    let active: usize = moving.iter().map(|stack| stack.active.len()).sum();
    let spare = room.saturating_sub(moving.len());
    // What happens now gets up to half of the lines that are left; then what comes next; then what is over.
    let others = spare - active.min(spare / 2);
    let next = waiting.len().min((others / 2).max(others.saturating_sub(quiet.len())));
    let over = quiet.len().min(others - next);

    let mut lines = Vec::new();
    let (past, recent) = quiet.split_at(quiet.len() - kept(quiet.len(), over));
    if over != 0 && !past.is_empty() {
        let what = if recent.is_empty() { count(past.len(), "stack") } else { count(past.len(), "more stack") };
        lines.push(pen.fold(&"✓".green().to_string(), &format!("{what} done")));
    }
    lines.extend(recent.iter().map(|stack| pen.stack(stack)));
    lines.extend(pen.moving(&moving, room - next - over));
    let (soon, later) = waiting.split_at(kept(waiting.len(), next));
    lines.extend(soon.iter().map(|stack| pen.stack(stack)));
    if next != 0 && !later.is_empty() {
        let what = if soon.is_empty() { count(later.len(), "stack") } else { count(later.len(), "more stack") };
        lines.push(pen.fold(&"○".dimmed().to_string(), &format!("{what} waiting")));
    }
    lines
}

/// Of `all` stacks, how many get a line of their own in `room` lines, one of which says how many do not.
fn kept(all: usize, room: usize) -> usize {
    if all <= room { all } else { room.saturating_sub(1) }
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

    /// Production on its way: 30 stacks, of which `done` are up and three at work.
    fn production(done: usize) -> (Tree, Instant) {
        let (mut tree, now) = tree();
        let running = tree.stacks[0].clone();
        let waiting = tree.stacks[3].clone();
        tree.stacks = (0..30)
            .map(|index| {
                let mut stack = if index < done + 3 { running.clone() } else { waiting.clone() };
                stack.name = format!("como-prod-stack-{index}");
                if index < done {
                    stack.state = State::Done;
                    stack.active.clear();
                    stack.ended = Some(tree.began + Duration::from_secs(60 - u64::try_from(index).unwrap()));
                }
                stack
            })
            .collect();
        (tree, now)
    }

    fn check((tree, now): (Tree, Instant), width: usize, rows: usize) -> String {
        let space = Space::moving(width, rows);
        let lines: Vec<String> =
            draw(&tree, space, now).iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect();
        assert!(lines.len() <= MOST_LINES && lines.len() <= rows, "{} lines", lines.len());
        for line in &lines {
            assert!(line.chars().count() <= width, "{line}");
        }
        lines.join("\n")
    }

    #[test]
    fn the_tree_fits_narrow_and_wide_terminals() {
        insta::assert_snapshot!("columns_80", check(tree(), 80, 24));
        insta::assert_snapshot!("columns_140", check(tree(), 140, 40));
        check(tree(), 20, 24);
    }

    #[test]
    fn more_stacks_than_lines_are_folded_into_counts() {
        insta::assert_snapshot!("many_begun", check(production(0), 80, 24));
        insta::assert_snapshot!("many_half_done", check(production(14), 140, 40));
        insta::assert_snapshot!("many_nearly_done", check(production(27), 80, 24));
        for done in 0..=27 {
            for rows in 2..30 {
                let shown = check(production(done), 80, rows);
                assert!(rows < 8 || shown.matches("/33").count() >= 3, "of {rows} rows:\n{shown}");
            }
        }
        let (tree, now) = production(27);
        assert_eq!(draw(&tree, Space::lasting(80), now).iter().filter(|line| line.contains("stack-")).count(), 30);
    }
}
