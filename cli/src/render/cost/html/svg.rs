//! Bars and labels whose widths are shares of the page, so that letters keep their size on a telephone and on paper.

use rust_decimal::Decimal;

/// What comes from a file is text and no markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What of the width the longest bar takes; an amount stands behind it.
const LONGEST: Decimal = Decimal::from_parts(72, 0, 0, false, 0);
const LABEL: u32 = 18;
const BAR: u32 = 16;
const GAP: u32 = 10;

/// A drawing that grows downwards.
pub(super) struct Drawing {
    title: String,
    body: String,
    height: u32,
    /// What the longest bar is.
    largest: Decimal,
}

impl Drawing {
    pub(super) fn new(title: &str, largest: Decimal) -> Self {
        let largest = if largest.is_zero() { Decimal::ONE } else { largest };
        Self { title: title.to_owned(), body: String::new(), height: 0, largest }
    }

    /// In per cent of the width.
    fn share(&self, amount: Decimal) -> Decimal {
        (amount * LONGEST / self.largest).round_dp(2)
    }

    pub(super) fn label(&mut self, text: &str) {
        self.height += LABEL;
        let y = self.height - 5;
        self.body.push_str(&format!("<text x=\"0\" y=\"{y}\">{}</text>", escaped(text)));
    }

    /// From one amount to another, with words behind it.
    pub(super) fn bar(&mut self, class: &str, (from, to): (Decimal, Decimal), words: &str) {
        let (left, right) = (self.share(from.min(to)), self.share(from.max(to)));
        // The least that is drawn can still be seen.
        let width = (right - left).max(Decimal::new(3, 1));
        let (y, end) = (self.height, left + width);
        self.body.push_str(&format!(
            "<rect class=\"{class}\" x=\"{left}%\" y=\"{y}\" width=\"{width}%\" height=\"{BAR}\" rx=\"2\"/>\
             <text class=\"amount\" x=\"{end}%\" dx=\"6\" y=\"{}\">{}</text>",
            y + 13,
            escaped(words)
        ));
        self.height += BAR + 2;
    }

    /// A mark across the bar that was drawn last.
    pub(super) fn mark(&mut self, at: Decimal) {
        let (x, y) = (self.share(at), self.height.saturating_sub(BAR + 5));
        self.body
            .push_str(&format!("<line class=\"mark\" x1=\"{x}%\" x2=\"{x}%\" y1=\"{y}\" y2=\"{}\"/>", y + BAR + 6));
    }

    pub(super) fn space(&mut self) {
        self.height += GAP;
    }

    pub(super) fn finish(self) -> String {
        let (height, title) = (self.height, escaped(&self.title));
        format!("<svg role=\"img\" aria-label=\"{title}\" width=\"100%\" height=\"{height}\">{}</svg>\n", self.body)
    }
}
