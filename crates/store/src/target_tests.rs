use super::*;

#[test]
fn modes_and_certificates_are_taken_out() {
    let target = Target::parse(
        "postgres://ana@db.example:6543/bw?sslmode=verify-full&sslrootcert=%2Fetc%2Fmy%20ca.pem&application_name=x",
    )
    .unwrap();
    assert!(target.verify);
    assert_eq!(target.config.get_ssl_mode(), SslMode::Require);
    assert_eq!(target.root_certificates.as_deref(), Some("/etc/my ca.pem".as_ref()));
    assert_eq!(target.config.get_application_name(), Some("x"));
    assert_eq!(target.name(), "ana@db.example:6543/bw");
}

#[test]
fn keywords_work_like_urls() {
    let target = Target::parse(r"host=/run/pg user=ana password='it''s' dbname=bw").err();
    assert!(target.is_some(), "an unescaped quote ends the value");
    let target =
        Target::parse(r"host=/run/pg user=ana password='it\'s me' sslrootcert='/a b/ca.pem' sslmode=require dbname=bw").unwrap();
    assert_eq!(target.config.get_password(), Some(b"it's me".as_slice()));
    assert_eq!(target.root_certificates.as_deref(), Some("/a b/ca.pem".as_ref()));
    assert_eq!(target.name(), "ana@/run/pg:5432/bw");
}

#[test]
fn default_is_tls_when_available() {
    let target = Target::parse("postgres://ana@localhost/bw").unwrap();
    assert_eq!((target.config.get_ssl_mode(), target.verify), (SslMode::Prefer, false));
}

#[test]
fn no_malformed_url_gives_its_password_away() {
    for url in [
        "postgres://ana:hunter2@localhost:port/bw",
        "postgres://ana:hunter2@localhost/bw?hunter2=1",
        "postgres://ana:hun%ter2@localhost/bw",
        "postgres://ana:x@hunter2:99999/bw",
        "host=localhost password=my hunter2=x user=ana",
        "host=localhost password=my hunter2",
        "host=localhost password='hunter2",
        "postgres://ana:hunter2@localhost/bw?sslmode=hunter2",
        "postgres://ana:hunter2@localhost/bw?sslmode=%",
        "hunter2",
        "",
        "postgres://",
        "postgres://ana:hunter2@",
    ] {
        if let Err(error) = Target::parse(url) {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hunter2"), "{url} -> {shown}");
        } else {
            let target = Target::parse(url).unwrap();
            assert!(url.contains("@hunter2") || !target.name().contains("hunter2"), "{url}");
        }
    }
}
