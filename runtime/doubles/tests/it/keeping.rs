//! With a directory, a double goes on where it was; none of them leaves the machine.

use como_doubles::members::MEI;
use como_doubles::memberson::Memberson;
use como_doubles::serve::{Listeners, serve};
use serde_json::json;

use crate::client::OfMemberson;

#[tokio::test]
async fn books_and_members_tokens_outlive_the_process_where_a_directory_was_given() {
    let directory = tempfile::tempdir().unwrap();
    let first = OfMemberson::start(Memberson::in_directory(directory.path()).unwrap()).await;
    let token = first.sign_in(&MEI).await;
    assert_eq!(first.redeem(&MEI, &token, "r1", 2_500).await.0, 200);

    let second = OfMemberson::start(Memberson::in_directory(directory.path()).unwrap()).await;
    assert_eq!(second.double.ledger(), first.double.ledger());
    assert_eq!(second.redeem(&MEI, &token, "r2", 500).await.0, 200);
    assert_eq!(second.double.ledger()["points"]["M2000001"], json!(950_000));

    fs_err::write(directory.path().join("memberson.json"), "{").unwrap();
    assert!(Memberson::in_directory(directory.path()).is_err());
}

#[tokio::test]
async fn doubles_listen_on_the_loopback_interface_only() {
    let bind = async |address: &str| tokio::net::TcpListener::bind(address).await.unwrap();
    let listeners = Listeners {
        memberson: bind("127.0.0.1:0").await,
        sevenrooms: bind("127.0.0.1:0").await,
        stripe: Some(bind("0.0.0.0:0").await),
    };
    let refused = serve(listeners).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
}
