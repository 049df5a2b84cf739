//! One description of a table's columns serves writing, reading and the reference page.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, StringArray};
use arrow_schema::{DataType, Field, FieldRef};

/// One column of a table with rows `R`.
pub struct Column<R> {
    /// Its name in the file.
    pub name: &'static str,
    /// What it means, with its unit.
    pub meaning: &'static str,
    /// How it is taken out of a row and put back.
    pub values: Values<R>,
}

/// How a column is taken out of a row, and put back into one.
pub enum Values<R> {
    /// A text.
    Text(fn(&R) -> &str, fn(&mut R, String)),
    /// A text that may be undefined.
    MaybeText(fn(&R) -> Option<&str>, fn(&mut R, Option<String>)),
    /// A count.
    Count(fn(&R) -> u64, fn(&mut R, u64)),
    /// A count that may be undefined.
    MaybeCount(fn(&R) -> Option<u64>, fn(&mut R, Option<u64>)),
    /// A number.
    Number(fn(&R) -> f64, fn(&mut R, f64)),
    /// A number that may be undefined.
    MaybeNumber(fn(&R) -> Option<f64>, fn(&mut R, Option<f64>)),
    /// Yes or no.
    Flag(fn(&R) -> bool, fn(&mut R, bool)),
    /// A list of counts.
    Counts(fn(&R) -> &[u64], fn(&mut R, Vec<u64>)),
    /// A list of numbers.
    Numbers(fn(&R) -> &[f64], fn(&mut R, Vec<f64>)),
    /// A list of texts.
    Texts(fn(&R) -> &[String], fn(&mut R, Vec<String>)),
}

/// A column that is a field of the row, or that two expressions take out and put back.
macro_rules! column {
    (text $field:ident, $meaning:literal) => { column!(@ Text $field, $meaning, |row| &row.$field) };
    (maybe_text $field:ident, $meaning:literal) => { column!(@ MaybeText $field, $meaning, |row| row.$field.as_deref()) };
    (count $field:ident, $meaning:literal) => { column!(@ Count $field, $meaning, |row| row.$field) };
    (maybe_count $field:ident, $meaning:literal) => { column!(@ MaybeCount $field, $meaning, |row| row.$field) };
    (number $field:ident, $meaning:literal) => { column!(@ Number $field, $meaning, |row| row.$field) };
    (maybe_number $field:ident, $meaning:literal) => { column!(@ MaybeNumber $field, $meaning, |row| row.$field) };
    (flag $field:ident, $meaning:literal) => { column!(@ Flag $field, $meaning, |row| row.$field) };
    (counts $field:ident, $meaning:literal) => { column!(@ Counts $field, $meaning, |row| &row.$field) };
    (numbers $field:ident, $meaning:literal) => { column!(@ Numbers $field, $meaning, |row| &row.$field) };
    (texts $field:ident, $meaning:literal) => { column!(@ Texts $field, $meaning, |row| &row.$field) };
    (@ $kind:ident $field:ident, $meaning:literal, $get:expr) => {
        $crate::output::table::Column {
            name: stringify!($field),
            meaning: $meaning,
            values: $crate::output::table::Values::$kind($get, |row, value| row.$field = value),
        }
    };
}
pub(crate) use column;

impl<R> Column<R> {
    /// Name and type as Arrow writes them.
    pub fn field(&self) -> Field {
        Field::new(self.name, self.data_type(), self.is_nullable())
    }

    /// The type in words, for the reference.
    pub const fn type_name(&self) -> &'static str {
        match self.values {
            Values::Text(..) | Values::MaybeText(..) => "text",
            Values::Count(..) | Values::MaybeCount(..) => "int64",
            Values::Number(..) | Values::MaybeNumber(..) => "double",
            Values::Flag(..) => "boolean",
            Values::Counts(..) => "list of int64",
            Values::Numbers(..) => "list of double",
            Values::Texts(..) => "list of text",
        }
    }

    /// Whether it may be null.
    pub const fn is_nullable(&self) -> bool {
        matches!(
            self.values,
            Values::MaybeText(..) | Values::MaybeCount(..) | Values::MaybeNumber(..)
        )
    }

    fn data_type(&self) -> DataType {
        match self.values {
            Values::Text(..) | Values::MaybeText(..) => DataType::Utf8,
            Values::Count(..) | Values::MaybeCount(..) => DataType::Int64,
            Values::Number(..) | Values::MaybeNumber(..) => DataType::Float64,
            Values::Flag(..) => DataType::Boolean,
            Values::Counts(..) => DataType::List(item(DataType::Int64)),
            Values::Numbers(..) => DataType::List(item(DataType::Float64)),
            Values::Texts(..) => DataType::List(item(DataType::Utf8)),
        }
    }

    /// The column of `rows`.
    pub fn array(&self, rows: &[R]) -> ArrayRef {
        let rows = rows.iter();
        match self.values {
            Values::Text(get, _) => Arc::new(StringArray::from_iter_values(rows.map(get))),
            Values::MaybeText(get, _) => Arc::new(rows.map(get).collect::<StringArray>()),
            Values::Count(get, _) => Arc::new(Int64Array::from_iter_values(rows.map(get).map(signed))),
            Values::MaybeCount(get, _) => {
                Arc::new(rows.map(|row| get(row).map(signed)).collect::<Int64Array>())
            }
            Values::Number(get, _) => Arc::new(Float64Array::from_iter_values(rows.map(get))),
            Values::MaybeNumber(get, _) => Arc::new(rows.map(get).collect::<Float64Array>()),
            Values::Flag(get, _) => Arc::new(rows.map(|row| Some(get(row))).collect::<BooleanArray>()),
            Values::Counts(get, _) => {
                let mut list = ListBuilder::new(Int64Builder::new()).with_field(item(DataType::Int64));
                rows.for_each(|row| list.append_value(get(row).iter().map(|&count| Some(signed(count)))));
                Arc::new(list.finish())
            }
            Values::Numbers(get, _) => {
                let mut list = ListBuilder::new(Float64Builder::new()).with_field(item(DataType::Float64));
                rows.for_each(|row| list.append_value(get(row).iter().copied().map(Some)));
                Arc::new(list.finish())
            }
            Values::Texts(get, _) => {
                let mut list = ListBuilder::new(StringBuilder::new()).with_field(item(DataType::Utf8));
                rows.for_each(|row| list.append_value(get(row).iter().map(Some)));
                Arc::new(list.finish())
            }
        }
    }

    /// Puts the column back into `rows`; `None` where `array` has another type.
    pub fn restore(&self, array: &dyn Array, rows: &mut [R]) -> Option<()> {
        let rows = rows.iter_mut();
        match self.values {
            Values::Text(_, set) => {
                let texts = array.as_string_opt::<i32>()?;
                rows.zip(texts)
                    .for_each(|(row, text)| set(row, text.unwrap_or_default().to_owned()));
            }
            Values::MaybeText(_, set) => {
                rows.zip(array.as_string_opt::<i32>()?)
                    .for_each(|(row, text)| set(row, text.map(str::to_owned)));
            }
            Values::Count(_, set) => {
                let counts = array.as_primitive_opt::<Int64Type>()?;
                rows.zip(counts)
                    .for_each(|(row, count)| set(row, unsigned(count.unwrap_or_default())));
            }
            Values::MaybeCount(_, set) => {
                let counts = array.as_primitive_opt::<Int64Type>()?;
                rows.zip(counts)
                    .for_each(|(row, count)| set(row, count.map(unsigned)));
            }
            Values::Number(_, set) => {
                let numbers = array.as_primitive_opt::<Float64Type>()?;
                rows.zip(numbers)
                    .for_each(|(row, number)| set(row, number.unwrap_or(f64::NAN)));
            }
            Values::MaybeNumber(_, set) => {
                rows.zip(array.as_primitive_opt::<Float64Type>()?)
                    .for_each(|(row, number)| set(row, number));
            }
            Values::Flag(_, set) => {
                rows.zip(array.as_boolean_opt()?)
                    .for_each(|(row, flag)| set(row, flag.unwrap_or_default()));
            }
            Values::Counts(_, set) => {
                let (lists, items) = lists(array)?;
                let items = items.as_primitive_opt::<Int64Type>()?;
                rows.zip(lists).for_each(|(row, range)| {
                    set(row, items.values()[range].iter().copied().map(unsigned).collect());
                });
            }
            Values::Numbers(_, set) => {
                let (lists, items) = lists(array)?;
                let items = items.as_primitive_opt::<Float64Type>()?;
                rows.zip(lists)
                    .for_each(|(row, range)| set(row, items.values()[range].to_vec()));
            }
            Values::Texts(_, set) => {
                let (lists, items) = lists(array)?;
                let items = items.as_string_opt::<i32>()?;
                rows.zip(lists).for_each(|(row, range)| {
                    set(row, range.map(|index| items.value(index).to_owned()).collect());
                });
            }
        }
        Some(())
    }
}

type Ranges = Vec<std::ops::Range<usize>>;

/// Where each row's items lie, and the items.
fn lists(array: &dyn Array) -> Option<(Ranges, ArrayRef)> {
    let lists: &ListArray = array.as_list_opt()?;
    Some((ranges(lists), lists.values().clone()))
}

/// Where each row's items lie among the values of `lists`.
pub(crate) fn ranges(lists: &ListArray) -> Ranges {
    let place = |offset: i32| usize::try_from(offset).unwrap_or_default();
    lists
        .value_offsets()
        .windows(2)
        .map(|pair| place(pair[0])..place(pair[1]))
        .collect()
}

/// The items of lists are never null.
fn item(data_type: DataType) -> FieldRef {
    Arc::new(Field::new("item", data_type, false))
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
