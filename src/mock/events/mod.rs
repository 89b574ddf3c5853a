//! Event buses, as far as Lambda needs them: destinations of functions put their records there, and tests read them. Rules on
//! buses, and clients that put events themselves, are not mocked.

mod service;

pub(crate) use service::EventBuses;
