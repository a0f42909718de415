//! `como deploy local`: one process that answers, until it is ended.

use crate::support::Place;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

struct Local {
    child: Child,
    up: Value,
    http: reqwest::Client,
}

impl Local {
    /// Returns once it answers.
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let all = [&["deploy", "local", "--port", "0", "--output", "json"], arguments].concat();
        let mut child = place.command(&all).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut text = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            if line == "}" {
                break;
            }
        }
        let up = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        Self { child, up, http: reqwest::Client::new() }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.up["addresses"]["api"].as_str().unwrap())
    }

    async fn sign_in(&self) -> String {
        let body = json!({ "login": "mei.tan@example.com", "password": "correct-horse-battery" }).to_string();
        let request = self.http.post(self.at("/v1/accounts/login")).header("content-type", "application/json");
        let reply: Value =
            serde_json::from_str(&request.body(body).send().await.unwrap().text().await.unwrap()).unwrap();
        reply["access_token"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
        let request = headers.iter().fold(self.http.get(self.at(path)), |all, (name, value)| all.header(*name, *value));
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn me(&self, token: &str) -> (StatusCode, Value) {
        self.get("/v1/accounts/me", &[("authorization", &format!("Bearer {token}"))]).await
    }

    /// As Ctrl-C does; the exit code.
    fn end(mut self) -> i32 {
        let pid = self.child.id().to_string();
        let killed = std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // A test that failed half-way must leave no process.
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

#[tokio::test]
async fn the_api_the_doubles_and_the_pages_answer_until_it_is_ended() {
    let place = Place::new();
    let local = Local::start(&place, &[]);
    assert_eq!(local.up["environment"], "local");
    let token = local.sign_in().await;
    let (status, me) = local.me(&token).await;
    assert_eq!((status, &me["points"]["value"]["balance"]), (StatusCode::OK, &json!(12_500)));
    let (status, experiences) = local.get("/v1/experiences", &[("authorization", &token)]).await;
    assert_eq!(status, StatusCode::OK, "{experiences}");

    // Signed by somebody else, or not at all.
    let (head, signature) = token.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    let (status, problem) = local.me(&format!("{head}.{turned}")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("auth.token_invalid")));
    assert_eq!(local.get("/v1/accounts/me", &[]).await.1["code"], "auth.token_missing");
    assert_eq!(local.get("/v1/nothing", &[]).await.1["code"], "route.unknown");

    // Only this machine's own names and pages are let in.
    for stranger in [("host", "como.example"), ("origin", "https://como.example")] {
        assert_eq!(
            local.get("/local/setup.json", &[stranger]).await.0,
            StatusCode::MISDIRECTED_REQUEST,
            "{stranger:?}"
        );
    }
    let (_, setup) = local.get("/local/setup.json", &[]).await;
    assert_eq!(setup["members"][0]["login"], "mei.tan@example.com");
    let (_, ledger) = local.get("/local/partners/memberson/ledger", &[]).await;
    assert!(ledger["entries"].as_array().is_some_and(|calls| !calls.is_empty()), "{ledger}");
    for page in ["/", "/local/inbox", "/local/partners", "/card-success.html", "/local/files/try.js"] {
        assert_eq!(local.get(page, &[]).await.0, StatusCode::OK, "{page}");
    }
    assert_eq!(local.end(), 0);
}

#[tokio::test]
async fn what_is_kept_is_there_the_next_time_and_one_process_has_it() {
    let place = Place::new();
    let local = Local::start(&place, &["--keep", "kept"]);
    let token = local.sign_in().await;
    let other = place.run(&["deploy", "local", "--port", "0", "--keep", "kept"]);
    assert_eq!(other.code, 1, "{}", other.stderr);
    assert!(other.stderr.contains("another process keeps its data in kept"), "{}", other.stderr);
    assert_eq!(local.end(), 0);
    let local = Local::start(&place, &["--keep", "kept"]);
    assert_eq!(local.me(&token).await.0, StatusCode::OK, "the pool and its key are the same");
    assert_eq!(local.end(), 0);
}

#[test]
fn options_of_one_place_are_refused_at_another() {
    let place = Place::new();
    for (arguments, code) in [
        (&["deploy", "local", "--rehearse"] as &[&str], 64),
        (&["deploy", "prod", "--port", "0"], 64),
        (&["deploy", "local", "--rehearse", "--keep", "x"], 64),
        (&["destroy", "local", "--rehearse"], 64),
        (&["cost", "local"], 64),
        (&["synth", "local"], 64),
        (&["validate", "local"], 0),
    ] {
        assert_eq!(place.run(arguments).code, code, "{arguments:?}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = place.run(&["deploy", "local", "--port", &port]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("--port 0"), "{}", ended.stderr);
}
