//! A cache with an index: the objects that belong to one key, such as the uid of their analysis, without a look at all the
//! others. With thousands of analyses a look at everything, for each of them, would be quadratic.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use kube::{
    Resource, ResourceExt,
    runtime::{
        reflector::{ObjectRef, Store},
        watcher,
    },
};

/// Which key an object belongs to.
pub type KeyOf<K> = fn(&K) -> Option<String>;

/// The objects of one kind, by name and by key.
#[derive(Clone)]
pub struct Shelf<K: Resource<DynamicType = ()> + Clone + 'static> {
    store: Store<K>,
    index: Index<K>,
}

/// Names by key. It may still have names of objects that are gone, never miss one that is there: [`Index::see`] is called
/// before the store changes.
pub struct Index<K: Resource<DynamicType = ()>> {
    names: Arc<Mutex<HashMap<String, HashSet<ObjectRef<K>>>>>,
    key_of: KeyOf<K>,
}

impl<K: Resource<DynamicType = ()>> Clone for Index<K> {
    fn clone(&self) -> Self {
        Self {
            names: self.names.clone(),
            key_of: self.key_of,
        }
    }
}

impl<K: Resource<DynamicType = ()> + Clone> Index<K> {
    /// Of nothing yet.
    pub fn new(key_of: KeyOf<K>) -> Self {
        Self {
            names: Arc::default(),
            key_of,
        }
    }

    /// Takes in what the watch tells.
    pub fn see(&self, event: &watcher::Event<K>) {
        match event {
            watcher::Event::Apply(object) | watcher::Event::InitApply(object) => {
                if let Some(key) = (self.key_of)(object) {
                    self.names()
                        .entry(key)
                        .or_default()
                        .insert(ObjectRef::from_obj(object));
                }
            }
            watcher::Event::Delete(object) => {
                if let Some(key) = (self.key_of)(object) {
                    self.drop_name(&key, &ObjectRef::from_obj(object));
                }
            }
            watcher::Event::Init | watcher::Event::InitDone => {}
        }
    }

    fn drop_name(&self, key: &str, name: &ObjectRef<K>) {
        let mut all = self.names();
        if let Some(names) = all.get_mut(key) {
            names.remove(name);
            if names.is_empty() {
                all.remove(key);
            }
        }
    }

    fn names(&self) -> MutexGuard<'_, HashMap<String, HashSet<ObjectRef<K>>>> {
        self.names.lock().expect("no thread panics with this lock")
    }
}

impl<K: Resource<DynamicType = ()> + Clone> Shelf<K> {
    /// What `store` holds, found by `index`.
    pub fn new(store: Store<K>, index: Index<K>) -> Self {
        Self { store, index }
    }

    /// One object by its name.
    pub fn get(&self, name: &ObjectRef<K>) -> Option<Arc<K>> {
        self.store.get(name)
    }

    /// What `of` says of each object that `claim` holds for.
    pub fn select<T>(&self, of: impl Fn(&K) -> Option<T>, claim: impl Fn(&K) -> bool) -> Vec<T> {
        let found = self.store.state_filter(claim);
        found.iter().filter_map(|object| of(object)).collect()
    }

    /// The objects of `key`, by name.
    pub fn of(&self, key: &str) -> Vec<Arc<K>> {
        let names: Vec<ObjectRef<K>> = self
            .index
            .names()
            .get(key)
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let mut found: Vec<Arc<K>> = names.iter().filter_map(|name| self.store.get(name)).collect();
        // A name may have gone to an object of another key in the meantime.
        found.retain(|object| (self.index.key_of)(object).as_deref() == Some(key));
        found.sort_by_cached_key(|object| object.name_any());
        found
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;
    use kube::runtime::reflector;

    use super::*;

    fn pod(name: &str, owner: &str) -> Pod {
        let mut pod = Pod::default();
        pod.metadata.name = Some(name.to_owned());
        pod.metadata.namespace = Some("here".to_owned());
        pod.metadata.labels = Some([("owner".to_owned(), owner.to_owned())].into());
        pod
    }

    #[test]
    fn objects_are_found_by_their_key_until_they_are_gone() {
        let (store, mut writer) = reflector::store::<Pod>();
        let index = Index::new(|pod: &Pod| pod.labels().get("owner").cloned());
        let shelf = Shelf::new(store, index.clone());
        let mut happen = |event: watcher::Event<Pod>| {
            index.see(&event);
            writer.apply_watcher_event(&event);
        };
        let names = |key: &str| shelf.of(key).iter().map(|pod| pod.name_any()).collect::<Vec<_>>();

        happen(watcher::Event::Init);
        happen(watcher::Event::InitApply(pod("b", "one")));
        happen(watcher::Event::InitApply(pod("a", "one")));
        happen(watcher::Event::InitDone);
        happen(watcher::Event::Apply(pod("c", "two")));
        assert_eq!(
            (names("one"), names("two")),
            (vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()])
        );

        // Taken over by another key, then gone; a list that leaves one out forgets it.
        happen(watcher::Event::Apply(pod("a", "two")));
        assert_eq!(
            (names("one"), names("two")),
            (vec!["b".to_owned()], vec!["a".to_owned(), "c".to_owned()])
        );
        happen(watcher::Event::Delete(pod("c", "two")));
        happen(watcher::Event::Init);
        happen(watcher::Event::InitApply(pod("b", "one")));
        happen(watcher::Event::InitDone);
        assert_eq!((names("one"), names("two")), (vec!["b".to_owned()], vec![]));
    }
}
