//! YAML as a tree in which every value knows its place.
//!
//! Environment files use a small part of YAML: blocks of keys, lists, text and numbers, written out in full. What goes
//! beyond that is noted and stands in the tree as [`Content::Refused`], so that the rest of the file is read all the same.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use crate::line::{Place, line_at};
use crate::log::Log;
use crate::mistake::Code;
use crate::refusal::{Refusal, quote, visible};
use crate::scalar::is_null;

/// Environment files nest five deep.
const DEEPEST: usize = 32;
/// An environment file has about a hundred values.
const MOST_VALUES: usize = 20_000;

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// `plain` is text without quotes, which may mean a number.
    Scalar {
        text: String,
        plain: bool,
    },
    /// No key of an environment holds a list yet, so its items are not kept.
    List,
    Mapping(Vec<Entry>),
    /// Its mistake has been noted.
    Refused,
}

#[derive(Debug)]
pub(crate) struct Entry {
    /// Always a scalar.
    pub(crate) key: Node,
    pub(crate) value: Node,
}

impl Entry {
    pub(crate) fn name(&self) -> &str {
        self.key.text()
    }
}

impl Node {
    /// The text of a scalar; empty for anything else.
    pub(crate) fn text(&self) -> &str {
        match &self.content {
            Content::Scalar { text, .. } => text,
            _ => "",
        }
    }

    /// The value under a path of keys.
    pub(crate) fn entry(&self, path: &[&str]) -> Option<&Entry> {
        let Content::Mapping(entries) = &self.content else { return None };
        let (first, rest) = path.split_first()?;
        let entry = entries.iter().find(|entry| entry.name() == *first)?;
        if rest.is_empty() { Some(entry) } else { entry.value.entry(rest) }
    }

    /// The keys that lead to a place; none for an empty one, which stands for the whole file.
    pub(crate) fn path_to(&self, place: &Place) -> Vec<String> {
        let offset = place.start;
        let mut path = Vec::new();
        if place.is_empty() {
            return path;
        }
        let mut node = self;
        while let Content::Mapping(entries) = &node.content {
            let reached = entries.iter().take_while(|entry| entry.key.place.start <= offset).last();
            let Some(entry) = reached.filter(|entry| offset < entry.value.place.end.max(entry.key.place.end)) else {
                break;
            };
            path.push(entry.name().chars().take(64).map(visible).collect());
            node = &entry.value;
        }
        path
    }
}

/// The tree of a file; `None` when there is none, which the log then explains.
pub(crate) fn plant(text: &str, log: &Log) -> Option<Node> {
    let options = granit_parser::options! { emit_comments: false };
    let mut builder = Builder { text, log, frames: Vec::new(), root: None, values: 0 };
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => builder.take(event, place_of(&span, text)),
            Err(error) => {
                let place = place_of(&Span::empty(*error.marker()), text);
                log.add(Code::Syntax, &place, syntax(&error, text, &place));
                Err(Stop)
            }
        }
        .ok()?;
    }
    let root =
        builder.root.filter(|root| !matches!(&root.content, Content::Scalar { text, plain: true } if is_null(text)));
    if root.is_none() && log.is_empty() {
        let refusal = Refusal::new("the file says nothing").hint("`como init` writes environment files to start from");
        log.add(Code::Empty, &(0..0), refusal);
    }
    root
}

/// Reading on makes no sense; the reason has been noted.
struct Stop;

struct Builder<'l> {
    text: &'l str,
    log: &'l Log,
    frames: Vec<Frame>,
    root: Option<Node>,
    values: usize,
}

struct Frame {
    place: Place,
    kind: FrameKind,
}

enum FrameKind {
    List,
    Mapping { entries: Vec<Entry>, seen: BTreeMap<String, Place>, key: Option<Node> },
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<(), Stop> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let plain = style == ScalarStyle::Plain;
                let content = Content::Scalar { text: text.into_owned(), plain };
                let content = if tag.is_some() { self.unsupported(&place, "a tag") } else { content };
                self.put(Node { place, content })
            }
            Event::Alias(_) => {
                let content = self.unsupported(&place, "an alias");
                self.put(Node { place, content })
            }
            Event::SequenceStart(..) => self.open(place, FrameKind::List),
            Event::MappingStart(..) => {
                self.open(place, FrameKind::Mapping { entries: Vec::new(), seen: BTreeMap::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place.end),
            Event::DocumentStart(..) if self.root.is_some() => {
                self.unsupported(&place, "a second document");
                Err(Stop)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, place: Place, kind: FrameKind) -> Result<(), Stop> {
        if self.frames.len() == DEEPEST {
            self.log.add(
                Code::TooLarge,
                &place,
                Refusal::new(format!("values nest deeper than {DEEPEST} levels here")),
            );
            return Err(Stop);
        }
        self.frames.push(Frame { place, kind });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Stop> {
        let Some(Frame { place, kind }) = self.frames.pop() else { return Ok(()) };
        let content = match kind {
            FrameKind::List => Content::List,
            FrameKind::Mapping { entries, .. } => Content::Mapping(entries),
        };
        self.put(Node { place: place.start..end.max(place.end), content })
    }

    fn put(&mut self, mut node: Node) -> Result<(), Stop> {
        self.values += 1;
        if MOST_VALUES < self.values {
            let refusal = Refusal::new(format!("the file holds more than {MOST_VALUES} values"));
            self.log.add(Code::TooLarge, &node.place, refusal);
            return Err(Stop);
        }
        let Self { log, text: file, .. } = *self;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let FrameKind::Mapping { entries, seen, key } = &mut frame.kind else { return Ok(()) };
        match key.take() {
            None => *key = Some(node),
            Some(name) => match &name.content {
                Content::Scalar { text, .. } => {
                    if node.place.is_empty() {
                        node.place = name.place.clone();
                    }
                    if let Some(first) = seen.get(text) {
                        let first = line_at(file, first).number;
                        let refusal = Refusal::new(format!("{} is here a second time", quote(text)));
                        let refusal = refusal.hint(format!("the first is on line {first}; keep one of the two"));
                        log.add(Code::DuplicateKey, &name.place, refusal);
                    } else {
                        seen.insert(text.clone(), name.place.clone());
                        entries.push(Entry { key: name, value: node });
                    }
                }
                // An alias or a tagged key was noted when it was met.
                Content::Refused => {}
                _ => log.add(Code::Unsupported, &name.place, Refusal::new("a key must be a word")),
            },
        }
        Ok(())
    }

    fn unsupported(&self, place: &Place, what: &str) -> Content {
        let refusal = Refusal::new(format!("{what} is not supported in an environment file"));
        self.log.add(Code::Unsupported, place, refusal.hint("write the values out in full, in one document"));
        Content::Refused
    }
}

fn place_of(span: &Span, text: &str) -> Place {
    let start = span.start.byte_offset().unwrap_or(text.len()).min(text.len());
    start..span.end.byte_offset().unwrap_or(start).clamp(start, text.len())
}

fn syntax(error: &ScanError, text: &str, place: &Place) -> Refusal {
    let line = line_at(text, place);
    let refusal = Refusal::new(format!(
        "this is not YAML: {}",
        error.kind().to_string().chars().map(visible).collect::<String>()
    ));
    let indent = line.text.chars().take_while(|character| character.is_whitespace());
    if indent.into_iter().any(|character| character == '\t') || line.text.chars().nth(line.column - 1) == Some('\t') {
        return refusal.hint("YAML is indented with spaces; replace the tab");
    }
    refusal.hint("the place is where the parser lost its way; the slip may be on the line before")
}
