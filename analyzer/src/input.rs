//! Where bytes come from: a URI, opened where its request may read, decompressed by its content, limited and hashed on
//! the way.

mod content;
mod error;
mod place;
mod stores;
mod stream;

pub use self::content::Content;
pub(crate) use self::content::is_compressed;
pub use self::error::InputError;
pub(crate) use self::error::{cause, reason_of};
pub(crate) use self::place::Stated;
pub(crate) use self::stores::Found;
pub use self::stores::{Mount, Stores};
