//! Certificates for connections over TLS.
//!
//! `sslmode=require` (and the `verify-…` modes) check the server's certificate and name, against `sslrootcert` or the system's
//! roots: stricter than libpq, whose `require` checks nothing. `sslmode=prefer`, the default, encrypts when the server can
//! but checks nothing, as libpq does: whoever could forge a certificate there could as well deny TLS, and Debian's stock
//! server presents a self-signed one on localhost.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Result, StoreError, target::Target};

/// # Errors
/// [`StoreError::RootCertificates`].
pub(crate) fn connector(target: &Target) -> Result<MakeRustlsConnect> {
    // Named here: a process in which two rustls providers are linked has no default and would panic.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("the TLS provider".as_ref(), &error))?;
    let config = if target.verify {
        builder.with_root_certificates(roots(target.root_certificates.as_deref())?).with_no_client_auth()
    } else {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider))).with_no_client_auth()
    };
    Ok(MakeRustlsConnect::new(config))
}

fn roots(file: Option<&Path>) -> Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    match file {
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, &error))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unusable(path, &error))?;
                store.add(certificate).map_err(|error| unusable(path, &error))?;
            }
            if store.is_empty() {
                return Err(unusable(path, &"it holds no certificate"));
            }
        }
        None => {
            let system = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(system.certs);
            if store.is_empty() {
                let problem = system.errors.first().map_or("it is empty".to_owned(), ToString::to_string);
                return Err(unusable("the system's store".as_ref(), &problem));
            }
        }
    }
    Ok(store)
}

fn unusable(path: &Path, problem: &dyn std::fmt::Display) -> StoreError {
    StoreError::RootCertificates { path: path.to_owned(), problem: problem.to_string() }
}

/// Encrypts without asking who is there.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
