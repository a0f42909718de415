//! The tree on a terminal, redrawn while events come in.

use super::board::Board;
use super::tree::{Space, draw};
use crate::output::Screen;
use anstream::adapter::strip_str;
use como_engine::event::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// One bar whose message is the whole tree.
    canvas: ProgressBar,
    /// A frame that is shorter than the last one would leave a line of it behind, so frames do not shrink.
    tallest: AtomicUsize,
    screen: Screen,
}

impl Live {
    pub(crate) fn start(screen: &Screen) -> Self {
        let canvas = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            canvas.set_style(style);
        }
        let board = Mutex::new(Board::new(Instant::now()));
        let shared = Arc::new(Shared { board, canvas, tallest: AtomicUsize::new(0), screen: screen.clone() });
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
        self.shared.canvas.finish_and_clear();
        self.shared.screen.say(&self.shared.lines(Space::lasting(self.shared.width())).join("\n"));
    }
}

impl Shared {
    /// A column less than the terminal has: some break a line that fills them all.
    fn width(&self) -> usize {
        usize::from(self.screen.width()).saturating_sub(1)
    }

    fn lines(&self, space: Space) -> Vec<String> {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        draw(board.tree(), space, Instant::now())
    }

    fn redraw(&self) {
        let space = Space::moving(self.width(), usize::from(self.screen.height()));
        let mut lines = self.lines(space);
        let tallest = self.tallest.fetch_max(lines.len(), Ordering::Relaxed);
        lines.resize(lines.len().max(tallest.min(space.lines)), String::new());
        let frame = lines.join("\n");
        let frame = if self.screen.colors_on_stderr() { frame } else { strip_str(&frame).to_string() };
        self.canvas.set_message(frame);
    }
}
