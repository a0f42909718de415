//! Dashboards.

use crate::cloudwatch::Metric;
use como_core::stack::Scope;
use como_core::value::{Pseudo, Value};
use como_resources::cloudwatch;
use serde_json::json;

#[derive(Debug)]
pub struct DashboardProps {
    pub name: String,
    pub widgets: Vec<Widget>,
}

/// One chart of the stack's region.
#[derive(Debug)]
pub struct Widget {
    pub title: String,
    pub lines: Vec<Line>,
}

#[derive(Debug)]
pub struct Line {
    pub label: String,
    pub metric: Metric,
}

/// A dashboard is 24 units wide; three charts stand beside each other.
const WIDTH: usize = 8;
const HEIGHT: usize = 6;
const IN_A_ROW: usize = 24 / WIDTH;

/// Charts in rows of three, in their order.
pub fn dashboard(scope: &mut Scope<'_>, id: &str, props: &DashboardProps) {
    let mut body = Body::default();
    body.text(r#"{"widgets":["#);
    for (index, widget) in props.widgets.iter().enumerate() {
        body.text(if index == 0 { "" } else { "," });
        body.widget(index, widget);
    }
    body.text("]}");
    scope.add(
        id,
        cloudwatch::Dashboard {
            dashboard_name: Some(props.name.as_str().into()),
            ..cloudwatch::Dashboard::new(Value::join("", body.parts()))
        },
    );
}

/// JSON as a string in which references stand, so it is put together from pieces.
#[derive(Debug, Default)]
struct Body {
    pieces: Vec<Value<String>>,
    text: String,
}

impl Body {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn quoted(&mut self, text: &str) {
        self.text(&json!(text).to_string());
    }

    /// A value in quotes. What a reference yields is a name, which needs no escapes.
    fn value(&mut self, value: &Value<String>) {
        match value.literal() {
            Some(text) => self.quoted(text),
            None => {
                self.text.push('"');
                self.pieces.push(std::mem::take(&mut self.text).into());
                self.pieces.push(value.clone());
                self.text.push('"');
            }
        }
    }

    fn widget(&mut self, index: usize, widget: &Widget) {
        let (column, row) = (index % IN_A_ROW, index / IN_A_ROW);
        self.text(&format!(
            r#"{{"type":"metric","x":{},"y":{},"width":{WIDTH},"height":{HEIGHT},"properties":{{"title":"#,
            column * WIDTH,
            row * HEIGHT
        ));
        self.quoted(&widget.title);
        self.text(r#","view":"timeSeries","region":"#);
        self.value(&Value::pseudo(Pseudo::Region));
        self.text(r#","period":60,"metrics":["#);
        for (index, line) in widget.lines.iter().enumerate() {
            self.text(if index == 0 { "[" } else { ",[" });
            self.line(line);
            self.text("]");
        }
        self.text("]}}");
    }

    fn line(&mut self, line: &Line) {
        self.quoted(line.metric.namespace);
        self.text(",");
        self.quoted(line.metric.name);
        for (name, value) in &line.metric.dimensions {
            self.text(",");
            self.quoted(name);
            self.text(",");
            self.value(value);
        }
        self.text(&format!(",{}", json!({ "label": line.label, "stat": line.metric.statistic.name() })));
    }

    fn parts(mut self) -> Vec<Value<String>> {
        self.pieces.push(self.text.into());
        self.pieces
    }
}
