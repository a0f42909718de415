//! An environment on this machine.

use como_config::{Contents, Local, Mistakes, Siblings, parse_contents};

use crate::{LOCAL, PRODUCTION, SYDNEY};

fn read(text: &str) -> Result<Local, Mistakes> {
    let siblings = Siblings::default().with("prod", PRODUCTION).with("sydney", SYDNEY);
    match parse_contents("environments/local.yaml", text, &siblings)? {
        Contents::Local(local) => Ok(*local),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_is_like_production_under_its_own_name_and_copies_nothing() {
    let local = read(LOCAL).unwrap();
    assert_eq!((local.like().name().as_str(), local.port().get()), ("local", 8080));
    assert_eq!(local.like().domain().as_str(), "como.example");
    assert!(local.like().recovery().is_none() && local.like().standby().is_none());
}

#[test]
fn mistakes_are_found_where_they_are() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(LOCAL.contains(from), "local.yaml no longer says {from:?}");
        let mistakes = read(&LOCAL.replacen(from, to, 1)).unwrap_err();
        let found: Vec<&str> = mistakes.as_slice().iter().map(|mistake| mistake.path.as_str()).collect();
        assert_eq!(found, [expected]);
    };
    check("port: 8080", "port: 80", "port");
    check("port: 8080", "port: 65536", "port");
    check("like: prod", "like: nobody", "like");
    // A stand-in does not stand on its own feet.
    check("like: prod", "like: sydney", "like");
    check("name: local", "name: here", "name");
    check("port: 8080", "port: 8080\nregion: ap-southeast-1", "region");
}
