//! What people read: results as text, a live tree on a terminal, a question before AWS is changed.

use crate::support::{Ended, FAST, Place};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::io::{Read, Write};
use std::process::{Child, Stdio};

/// The text without what differs from run to run: times, durations, ports and what AWS would make up.
fn check(name: &str, text: &str) {
    let settings = {
        let mut settings = insta::Settings::clone_current();
        for (pattern, replacement) in [
            (r"(\d+ m \d+ s|\d+(\.\d+)? (ms|s)\b) *", "<duration> "),
            (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
            (r"\b198\.\d+\.\d+\.\d+", "<address>"),
            (r"ap-southeast-1_\w+", "<pool>"),
            (r"(ClientId\s+)\w+", "${1}<client>"),
            (r"(DistributionId\s+)\w+", "${1}<distribution>"),
            (r"\b\w+(\.execute-api)", "<api>${1}"),
            (r"ns-\d+\.awsdns-\d+", "ns-<number>.awsdns-<number>"),
        ] {
            settings.add_filter(pattern, replacement);
        }
        settings
    };
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Standard error without the lines that say when what happened.
fn without_events(ended: &Ended) -> String {
    let is_event = |line: &&str| line.as_bytes().get(2) == Some(&b':');
    ended.stderr.lines().filter(|line| !is_event(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn results_are_told_in_words_with_what_to_do_next() {
    let place = Place::new();
    let deployed = place.run(&["deploy", "prod", "--rehearse", "--speed", FAST]);
    assert_eq!(deployed.code, 0, "{}", deployed.stderr);
    check("deployed_result", &deployed.stdout);
    check("deployed_remarks", &without_events(&deployed));
    let again = place.run(&["deploy", "prod", "--rehearse"]);
    check("unchanged_remarks", &without_events(&again));
    let status = place.run(&["status", "prod", "--rehearse"]);
    check("status_result", &status.stdout);
    let destroyed = place.run(&["destroy", "prod", "--rehearse"]);
    assert_eq!(destroyed.code, 0, "{}", destroyed.stderr);
    check("destroyed_result", &destroyed.stdout);
    // What AWS would have kept is listed by ids that differ each time.
    let remarks = without_events(&destroyed);
    let said: Vec<&str> = remarks.lines().filter(|line| !line.starts_with("  ")).collect();
    check("destroyed_remarks", &said.join("\n"));
}

/// A terminal with a command in it, as its user sees it.
struct Terminal {
    keyboard: std::fs::File,
    child: Child,
    screen: vt100::Parser,
}

impl Terminal {
    fn open(place: &Place, arguments: &[&str], variables: &[(&str, &str)], (columns, rows): (u16, u16)) -> Self {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        tcsetwinsize(&controller, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
        let open = || std::fs::OpenOptions::new().read(true).write(true).open(&name).unwrap();
        let mut command = place.command(arguments);
        let child = command
            .envs(variables.iter().copied())
            .env("TERM", "xterm-256color")
            .env_remove("CI")
            .stdin(Stdio::from(open()))
            .stdout(Stdio::null())
            .stderr(Stdio::from(open()))
            .spawn()
            .unwrap();
        Self {
            keyboard: controller.into(),
            child,
            screen: vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 1000),
        }
    }

    /// Shows what comes next; false when the last process has left the terminal.
    fn step(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // An error says that nobody has it open any more.
        let Ok(count @ 1..) = self.keyboard.read(&mut bytes) else { return false };
        self.screen.process(&bytes[..count]);
        true
    }

    fn until(&mut self, wanted: &str) -> String {
        while !self.shown().contains(wanted) && self.step() {}
        self.shown()
    }

    fn shown(&self) -> String {
        self.screen.screen().contents()
    }

    fn answer(&mut self, line: &str) {
        writeln!(self.keyboard, "{line}").unwrap();
    }

    /// What had scrolled off the screen at the end, and what was left on it.
    fn end(mut self) -> (i32, String) {
        while self.step() {}
        let (_, columns) = self.screen.screen().size();
        let mut lines = Vec::new();
        for back in (0..=self.screen.screen().scrollback_len()).rev() {
            self.screen.screen_mut().set_scrollback(back);
            let shown = self.screen.screen().rows(0, columns.get());
            lines.extend(shown.take(if back == 0 { usize::MAX } else { 1 }));
        }
        (self.child.wait().unwrap().code().unwrap(), lines.join("\n"))
    }
}

#[test]
fn aws_is_changed_only_when_somebody_at_a_terminal_agrees() {
    let place = Place::new();
    place.json(&["rehearsal", "serve", "--speed", FAST]);
    let endpoint = place.json(&["rehearsal", "status"])["endpoint"].as_str().unwrap().to_owned();
    // Any cloud that speaks AWS's protocols is AWS to a command without `--rehearse`.
    let aws = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "somebody"),
        ("AWS_SECRET_ACCESS_KEY", "something"),
    ];
    let stacks = || place.json(&["rehearsal", "status"])["stacks"].as_array().unwrap().len();

    let mut deploy = Terminal::open(&place, &["deploy", "prod"], &aws, (80, 24));
    let question = deploy.until("[y/N]");
    assert!(question.contains("123456789012") && question.contains("[y/N]"), "{question}");
    deploy.answer("n");
    let (code, shown) = deploy.end();
    assert!(code == 0 && shown.contains("Nothing was changed."), "{code}: {shown}");
    assert_eq!(stacks(), 0);

    place.json(&["deploy", "prod", "--rehearse"]);
    let up = stacks();
    let mut destroy = Terminal::open(&place, &["destroy", "prod"], &aws, (80, 24));
    assert!(destroy.until("[y/N]").contains("[y/N]"), "{}", destroy.shown());
    destroy.answer("");
    let (code, shown) = destroy.end();
    assert!(code == 0 && shown.contains("Nothing was changed."), "{code}: {shown}");
    let silent = place.command(&["destroy", "prod"]).envs(aws).output().unwrap();
    let silent = Ended::of(&silent);
    assert!(silent.code == 3 && silent.stderr.contains("nothing was changed"), "{}: {}", silent.code, silent.stderr);
    assert_eq!(stacks(), up);
}

/// How many last lines of trees there are: `12 of 30 stacks, 67 of 238 resources, 19.2 s`.
fn trees(shown: &str) -> usize {
    let counts = |rest: &&str| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).starts_with(" of ");
    shown.split(" stacks, ").skip(1).filter(counts).count()
}

#[test]
fn the_live_tree_stays_within_the_terminal() {
    for size in [(80, 24), (140, 40)] {
        let place = Place::new();
        let arguments = ["deploy", "prod", "--rehearse", "--speed", "600"];
        let mut terminal = Terminal::open(&place, &arguments, &[], size);
        let half_way = terminal.until("CloudFront::Distribution");
        assert!(half_way.contains("stacks waiting") || half_way.contains("stacks done"), "{half_way}");
        assert_eq!(trees(&half_way), 1, "one tree at a time:\n{half_way}");
        let (code, shown) = terminal.end();
        assert_eq!(code, 0, "{shown}");
        // Nothing of an earlier frame was left behind or scrolled away.
        assert_eq!(trees(&shown), 1, "{shown}");
        assert_eq!(shown.matches("como-prod-edge ").count(), 1, "{shown}");
        assert!(shown.contains("Next: `como status prod --rehearse`"), "{shown}");
    }
}
