//! What is accepted, and what a mistake is answered with.

use super::*;

fn read(text: &str) -> Result<ChannelSettings, String> {
    let config: ChannelConfig = toml::from_str(text).map_err(|error| error.to_string())?;
    config.settings().map_err(|error| error.to_string())
}

const MAIL: &str = "kind = 'email'\nfrom = 'Bellwether <b@example.com>'\nto = ['desk@example.com']\n";

#[test]
fn a_mail_server_with_login() {
    let text =
        format!("{MAIL}transport = 'smtp'\nhost = 'smtp.example.com'\nusername = 'b'\npassword_env = 'NO_SUCH_VARIABLE'\n");
    let ChannelSettings::Smtp(smtp, addresses) = read(&text).unwrap() else { panic!("expected SMTP") };
    assert_eq!((smtp.port, smtp.security, smtp.timeout), (587, Security::Starttls, Duration::from_secs(20)));
    assert_eq!(addresses.to[0].to_string(), "desk@example.com");
    let config: ChannelConfig = toml::from_str(&text).unwrap();
    assert!(config.check().is_ok() && config.is_email());
    assert_eq!(config.check_secrets().unwrap_err().to_string(), "environment variable NO_SUCH_VARIABLE is not set");
}

#[test]
fn mistakes_are_named() {
    let smtp = format!("{MAIL}transport = 'smtp'\nhost = 'smtp.example.com'\n");
    let hook = "kind = 'webhook'\nformat = 'generic'\n";
    for (text, complaint) in [
        (MAIL.to_owned(), "`transport` is missing"),
        (format!("{MAIL}transport = 'file'"), "`folder` is missing"),
        (format!("{MAIL}transport = 'file'\nfolder = 'x'\nhost = 'y'"), "`host` does not belong to mail as files"),
        (format!("{MAIL}transport = 'smtp'"), "`host` is missing"),
        (format!("{smtp}security = 'none'"), "in the clear"),
        (format!("{smtp}username = 'b'"), "`password_env` is missing"),
        (format!("{smtp}password_env = 'P'"), "`username` is missing"),
        (format!("{smtp}username = 'b'\npassword_env = 'P'\npassword_file = 'f'"), "given twice"),
        (format!("{smtp}timeout_s = 0"), "`timeout_s` is 0"),
        (format!("{smtp}timeout_s = 600"), "`timeout_s` is 600"),
        (format!("{smtp}url_env = 'U'"), "`url_env` does not belong to mail over SMTP"),
        (format!("{smtp}hots = 'x'"), "unknown field `hots`"),
        (smtp.replace("desk@example.com", "not an address"), "not a mail address"),
        (smtp.replace("'desk@example.com'", ""), "`to` is missing"),
        (hook.to_owned(), "`url_env` is missing"),
        ("kind = 'webhook'\nurl = 'https://example.com'".to_owned(), "`format` is missing"),
        (format!("{hook}url = 'http://example.com/x'"), "http, which sends alerts in the clear"),
        (format!("{hook}url = 'ftp://example.com/x'"), "neither https nor http"),
        (format!("{hook}url = 'no address'"), "not a URL"),
        (format!("{hook}url = 'https://example.com'\nurl_env = 'U'"), "given twice"),
        (format!("{hook}url = 'https://example.com'\nto = ['a@b.c']"), "`to` does not belong to a webhook"),
        ("kind = 'pigeon'".to_owned(), "unknown variant `pigeon`"),
    ] {
        let answer = read(&text).unwrap_err();
        assert!(answer.contains(complaint), "{text}\nanswered: {answer}");
    }
}

#[test]
fn a_mistake_in_the_file_has_its_line() {
    let error = toml::from_str::<ChannelConfig>("kind = 'email'\n\nsecurity = 'maybe'\n").unwrap_err().to_string();
    assert!(error.contains("line 3"), "{error}");
}

#[test]
fn this_machine_may_be_reached_in_the_clear() {
    for host in ["localhost", "127.0.0.1", "::1"] {
        read(&format!("{MAIL}transport = 'smtp'\nhost = '{host}'\nsecurity = 'none'")).unwrap();
    }
    for url in ["http://127.0.0.1:9/x", "http://[::1]:9/x", "http://localhost/x"] {
        read(&format!("kind = 'webhook'\nformat = 'slack'\nurl = '{url}'")).unwrap();
    }
    assert!(read("kind = 'webhook'\nformat = 'slack'\nurl = 'http://127.0.0.1.example.com/'").is_err());
    read(&format!("{MAIL}transport = 'smtp'\nhost = 'mail.lan'\nsecurity = 'none'\nallow_insecure = true")).unwrap();
}

#[test]
fn secrets_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    let text =
        format!("{MAIL}transport = 'smtp'\nhost = 'smtp.example.com'\nusername = 'b'\npassword_file = '{}'\n", file.display());
    let config: ChannelConfig = toml::from_str(&text).unwrap();
    assert!(config.check_secrets().is_ok());
    let ChannelSettings::Smtp(smtp, _) = config.settings().unwrap() else { panic!("expected SMTP") };
    assert_eq!(smtp.login.unwrap().1.read().unwrap().expose_secret(), "hunter2");
    let channel = crate::alerts::Channel::open(&config, folder.path()).unwrap();
    assert!(!format!("{channel:?}").contains("hunter2"));
    std::fs::write(&file, " \n").unwrap();
    assert!(config.check_secrets().unwrap_err().to_string().ends_with("is empty"));

    let url = "https://hooks.example.com/services/T0/B0/s3cr3t";
    for bad in [url.to_owned(), url.replace("https", "http"), url.replace("https://", "https//")] {
        let config = ChannelConfig::slack_webhook(&bad);
        let shown = format!("{config:?} {:?} {:?}", config.settings(), crate::alerts::Channel::open(&config, folder.path()));
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}
