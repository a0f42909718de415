//! The tree on a terminal, redrawn while events come in.

use super::board::Board;
use super::tree::draw;
use crate::output::Screen;
use como_engine::event::Event;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const REDRAW_EVERY: Duration = Duration::from_millis(100);

/// A live display; it goes away, leaving its last frame, when it is dropped.
#[derive(Debug)]
pub(crate) struct Live {
    shared: Arc<Shared>,
    ticker: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    board: Mutex<Board>,
    canvas: Mutex<Canvas>,
    screen: Screen,
}

#[derive(Debug)]
struct Canvas {
    progress: MultiProgress,
    lines: Vec<ProgressBar>,
}

impl Live {
    pub(crate) fn start(screen: &Screen) -> Self {
        let progress = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let shared = Arc::new(Shared {
            board: Mutex::new(Board::new(Instant::now())),
            canvas: Mutex::new(Canvas { progress, lines: Vec::new() }),
            screen: screen.clone(),
        });
        let ticking = Arc::clone(&shared);
        let ticker = tokio::spawn(async move {
            let mut interval = tokio::time::interval(REDRAW_EVERY);
            loop {
                interval.tick().await;
                ticking.redraw();
            }
        });
        Self { shared, ticker }
    }

    pub(crate) fn event(&self, event: &Event) {
        let mut board = self.shared.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.apply(event, Instant::now());
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.ticker.abort();
        self.shared.redraw();
        let canvas = self.shared.canvas.lock().unwrap_or_else(PoisonError::into_inner);
        for line in &canvas.lines {
            line.abandon();
        }
    }
}

impl Shared {
    fn redraw(&self) {
        let lines = {
            let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
            if board.tree().stacks.is_empty() {
                return;
            }
            let width = usize::from(self.screen.width()).saturating_sub(1);
            draw(board.tree(), width, Instant::now())
        };
        let lines: Vec<String> = if self.screen.colors_on_stderr() {
            lines
        } else {
            lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
        };
        let mut canvas = self.canvas.lock().unwrap_or_else(PoisonError::into_inner);
        while canvas.lines.len() < lines.len() {
            let line = canvas.progress.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{msg}") {
                line.set_style(style);
            }
            canvas.lines.push(line);
        }
        while lines.len() < canvas.lines.len() {
            if let Some(line) = canvas.lines.pop() {
                line.finish_and_clear();
                canvas.progress.remove(&line);
            }
        }
        for (bar, line) in canvas.lines.iter().zip(lines) {
            bar.set_message(line);
        }
    }
}
