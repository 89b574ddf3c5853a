//! Single members of a document, by JSON Pointer (RFC 6901).

use super::{BuildError, Json};

/// Sets the member or element at a pointer. A member that is not there is added as the last one.
pub(super) fn set(document: &mut Json, pointer: &str, value: Json) -> Result<(), BuildError> {
    let (parent, name) = parent(document, pointer)?;
    match parent {
        Json::Object(members) => drop(members.insert(name, value)),
        Json::Array(elements) => match index(&name).and_then(|at| elements.get_mut(at)) {
            Some(element) => *element = value,
            None => return Err(nowhere(pointer)),
        },
        _ => return Err(nowhere(pointer)),
    }
    Ok(())
}

/// Takes the member or element at a pointer out.
pub(super) fn remove(document: &mut Json, pointer: &str) -> Result<(), BuildError> {
    let (parent, name) = parent(document, pointer)?;
    let removed = match parent {
        Json::Object(members) => members.remove(&name),
        Json::Array(elements) => index(&name).filter(|at| *at < elements.len()).map(|at| elements.remove(at)),
        _ => None,
    };
    removed.map(drop).ok_or_else(|| nowhere(pointer))
}

/// What holds the place of a pointer, and the name of the place in it.
fn parent<'a>(document: &'a mut Json, pointer: &str) -> Result<(&'a mut Json, String), BuildError> {
    let mut steps = pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
    if steps.next().is_none_or(|before| !before.is_empty()) {
        return Err(nowhere(pointer));
    }
    let Some(mut name) = steps.next() else { return Err(nowhere(pointer)) };
    let mut place = document;
    for next in steps {
        let inner = match place {
            Json::Object(members) => members.get_mut(&name),
            Json::Array(elements) => index(&name).and_then(|at| elements.get_mut(at)),
            _ => None,
        };
        place = inner.ok_or_else(|| nowhere(pointer))?;
        name = next;
    }
    Ok((place, name))
}

fn index(name: &str) -> Option<usize> {
    name.parse().ok().filter(|at: &usize| at.to_string() == name)
}

fn nowhere(pointer: &str) -> BuildError {
    let rule = "it is a JSON Pointer to a place of the document, such as /Records/0/s3/object/newField";
    BuildError::Rule { what: "pointer", value: pointer.to_owned(), rule }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn members_and_elements_are_set_and_taken_out_in_their_order() {
        let mut document = json(r#"{"z":[{"a/b":1}],"a":2}"#);
        set(&mut document, "/z/0/a~1b", Json::Null).unwrap();
        set(&mut document, "/z/0/~0", json("3")).unwrap();
        set(&mut document, "/new", json("{}")).unwrap();
        remove(&mut document, "/a").unwrap();
        assert_eq!(document.to_string(), r#"{"z":[{"a/b":null,"~":3}],"new":{}}"#);
        remove(&mut document, "/z/0").unwrap();
        assert_eq!(document.to_string(), r#"{"z":[],"new":{}}"#);
    }

    #[test]
    fn pointers_to_nowhere_are_refused() {
        for pointer in ["", "a", "a/b", "/a/b", "/z/1", "/z/-", "/z/00", "/z/0/x/y"] {
            let mut document = json(r#"{"z":[{}],"a":2}"#);
            let error = set(&mut document, pointer, Json::Null).unwrap_err().to_string();
            assert!(error.starts_with(&format!("invalid pointer {pointer:?}: it is a JSON Pointer")), "{error}");
        }
        assert!(remove(&mut json("{}"), "/a").is_err());
    }
}
