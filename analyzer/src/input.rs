//! Where bytes come from: a location, opened, decompressed by its content, limited and hashed on the way.

mod content;
mod error;

pub use self::content::Content;
pub use self::error::InputError;
