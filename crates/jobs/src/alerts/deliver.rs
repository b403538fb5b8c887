//! A channel: one place that alerts are brought to.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    config::{ChannelConfig, ChannelError, ChannelSettings},
    content::AlertContent,
    email::{Addresses, message},
    mail_folder,
    smtp::Smtp,
    webhook::Webhook,
};

/// An opened channel. Its secrets are read; it shows none of them.
#[derive(Debug)]
pub struct Channel(Kind);

#[derive(Debug)]
enum Kind {
    Smtp(Box<Smtp>, Addresses),
    Folder(PathBuf, Addresses),
    Webhook(Webhook),
}

/// The receiver has taken it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// What the receiver said, for the record.
    pub detail: String,
}

/// The receiver has not taken it, or has not said so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DeliveryError {
    /// Another attempt makes sense.
    pub retryable: bool,
    /// How long the receiver asked to be left alone.
    pub retry_after: Option<SignedDuration>,
    /// What happened, without secrets.
    pub message: String,
}

impl DeliveryError {
    pub(super) fn retryable(message: String) -> Self {
        Self { retryable: true, retry_after: None, message }
    }

    pub(super) fn permanent(message: String) -> Self {
        Self { retryable: false, retry_after: None, message }
    }
}

impl Channel {
    /// Opens a channel: reads its secrets and certificates, connects to nothing. A relative folder lies in `data_dir`.
    ///
    /// # Errors
    /// When the settings do not fit together or a secret cannot be read.
    pub fn open(config: &ChannelConfig, data_dir: &Path) -> Result<Self, ChannelError> {
        Ok(Self(match config.settings()? {
            ChannelSettings::Smtp(settings, addresses) => Kind::Smtp(Box::new(Smtp::open(&settings)?), addresses),
            ChannelSettings::Folder(folder, addresses) => Kind::Folder(data_dir.join(folder), addresses),
            ChannelSettings::Webhook(settings) => Kind::Webhook(Webhook::open(&settings)?),
        }))
    }

    /// Brings one alert there, once. `created_at` is when the alert was made: every attempt sends the same.
    ///
    /// # Errors
    /// [`DeliveryError`], which says whether another attempt makes sense. After an answer that never came the receiver may
    /// have the alert all the same: it knows a second one by its id.
    pub async fn deliver(
        &self,
        alert_id: Uuid,
        content: &AlertContent,
        created_at: Timestamp,
    ) -> Result<Delivered, DeliveryError> {
        let mail = |addresses: &Addresses| {
            message(alert_id, content, addresses, created_at)
                .map_err(|error| DeliveryError::permanent(format!("the mail cannot be written: {error:#}")))
        };
        let detail = match &self.0 {
            Kind::Smtp(smtp, addresses) => smtp.send(mail(addresses)?).await?,
            Kind::Folder(folder, addresses) => {
                into_folder(folder.clone(), alert_id, content, mail(addresses)?.formatted()).await?
            }
            Kind::Webhook(webhook) => webhook.post(alert_id, content, created_at).await?,
        };
        Ok(Delivered { detail })
    }
}

async fn into_folder(folder: PathBuf, alert_id: Uuid, content: &AlertContent, message: Vec<u8>) -> Result<String, DeliveryError> {
    let named = folder.clone();
    let content = content.clone();
    let written = tokio::task::spawn_blocking(move || mail_folder::write(&folder, alert_id, &content, &message)).await;
    match written {
        Ok(Ok(path)) => Ok(path.display().to_string()),
        // A full disk is emptied, a folder is given back its rights: all of it may pass.
        Ok(Err(error)) => Err(DeliveryError::retryable(format!("mail folder {}: {error}", named.display()))),
        Err(error) => Err(DeliveryError::retryable(format!("mail folder {}: {error}", named.display()))),
    }
}
