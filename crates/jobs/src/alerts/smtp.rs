//! Mail over SMTP.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{
        AsyncSmtpTransportBuilder,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        response::Response,
    },
};
use secrecy::ExposeSecret as _;

use super::{
    config::{ChannelError, Security, SmtpSettings},
    deliver::DeliveryError,
};

/// A mail server.
#[derive(Debug)]
pub(super) struct Smtp {
    /// Built anew for each mail: a built one keeps connections, and tasks that panic where it is made or dropped outside
    /// of a runtime (lettre 0.11.23). Mails are few.
    transport: AsyncSmtpTransportBuilder,
    server: String,
    timeout: Duration,
}

impl Smtp {
    /// Reads the password and the certificate; connects to nothing.
    pub(super) fn open(settings: &SmtpSettings) -> Result<Self, ChannelError> {
        let tls = || -> Result<TlsParameters, ChannelError> {
            let mut parameters = TlsParameters::builder(settings.host.clone());
            if let Some(path) = &settings.ca_file {
                let unusable = |error: &dyn std::fmt::Display| ChannelError::new(format!("ca_file {}: {error}", path.display()));
                let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
                parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| unusable(&error))?);
            }
            parameters.build_rustls().map_err(|error| ChannelError::new(format!("TLS: {error}")))
        };
        let tls = match settings.security {
            Security::None => Tls::None,
            Security::Starttls => Tls::Required(tls()?),
            Security::Tls => Tls::Wrapper(tls()?),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(settings.timeout));
        if let Some((username, password)) = &settings.login {
            transport = transport.credentials(Credentials::new(username.clone(), password.read()?.expose_secret().to_owned()));
        }
        let server = format!("{}:{}", settings.host, settings.port);
        Ok(Self { transport, server, timeout: settings.timeout })
    }

    pub(super) async fn send(&self, message: Message) -> Result<String, DeliveryError> {
        // The library's timeout is for each answer; a server that drips could hold us for ever.
        let transport = self.transport.clone().build::<Tokio1Executor>();
        match tokio::time::timeout(self.timeout * 2, transport.send(message)).await {
            Ok(Ok(response)) => Ok(format!("{} answered {}", self.server, words(&response))),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => {
                Err(DeliveryError::retryable(format!("mail server {}: not done within {:?}", self.server, self.timeout * 2)))
            }
        }
    }

    /// A refusal with a 5xx code is for ever. So is a dialogue that cannot work, such as one without a common login
    /// mechanism. Everything else, a lost connection above all, may be different next time.
    fn failed(&self, error: &lettre::transport::smtp::Error) -> DeliveryError {
        let retryable = !(error.is_permanent() || error.is_client());
        DeliveryError { retryable, retry_after: None, message: format!("mail server {}: {error}", self.server) }
    }
}

fn words(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    super::figures::shortened(&super::figures::one_line(&format!("{} {}", response.code(), text.join(" "))), 200)
}
