//! A headless Chromium, spoken to in its DevTools protocol over a pipe: no port, no library.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// Width and height of the window.
pub(crate) type Window = (u32, u32);
/// A desk's screen.
pub(crate) const SCREEN: Window = (1280, 900);
/// The narrowest phone that is sold.
pub(crate) const PHONE: Window = (360, 780);

/// The browser with one page; it ends with the value.
pub(crate) struct Browser {
    child: RefCell<Child>,
    wire: RefCell<Wire>,
    session: String,
    _profile: tempfile::TempDir,
}

struct Wire {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last: u64,
    events: Vec<Value>,
}

impl Browser {
    /// Opens the file at `path`, and waits until it is loaded.
    pub(crate) fn open(path: &Path, window: Window) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // The protocol is on descriptors 3 and 4, which the shell makes of our two pipes.
        let script = "exec chromium --headless --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe \
                      --user-data-dir=\"$1\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null";
        let mut child = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let wire = Wire {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            last: 0,
            events: Vec::new(),
        };
        let mut browser = Self {
            child: RefCell::new(child),
            wire: RefCell::new(wire),
            session: String::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached = browser.call(
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        );
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        let (width, height) = window;
        let is_phone = window == PHONE;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone});
        browser.call("Emulation.setDeviceMetricsOverride", metrics);
        let url = url::Url::from_file_path(path).unwrap();
        browser.call("Page.navigate", json!({"url": url.as_str()}));
        browser.wait_for("Page.loadEventFired");
        browser
    }

    fn call(&self, method: &str, parameters: Value) -> Value {
        let mut wire = self.wire.borrow_mut();
        wire.last += 1;
        let id = wire.last;
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        wire.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut message = wire.read();
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
            wire.events.push(message);
        }
    }

    fn wait_for(&self, event: &str) {
        let mut wire = self.wire.borrow_mut();
        while !wire.events.iter().any(|message| message["method"] == event) {
            let message = wire.read();
            wire.events.push(message);
        }
    }

    /// What a script yields.
    #[track_caller]
    pub(crate) fn evaluate(&self, script: &str) -> Value {
        let parameters = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", parameters);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{script}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].take()
    }

    #[track_caller]
    pub(crate) fn run(&self, script: &str) {
        self.evaluate(script);
    }

    #[track_caller]
    pub(crate) fn number(&self, script: &str) -> f64 {
        self.evaluate(script).as_f64().unwrap()
    }

    #[track_caller]
    pub(crate) fn is(&self, script: &str) -> bool {
        self.evaluate(script).as_bool().unwrap()
    }

    #[track_caller]
    pub(crate) fn text_of(&self, script: &str) -> String {
        self.evaluate(script).as_str().unwrap_or_default().to_owned()
    }

    /// The text of the first element that `selector` finds.
    #[track_caller]
    pub(crate) fn text(&self, selector: &str) -> String {
        self.text_of(&format!(
            "document.querySelector({}).textContent",
            json!(selector)
        ))
    }

    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        self.run(&format!("document.querySelector({}).click()", json!(selector)));
    }

    /// Replaces what is in a field by `text`, as a keyboard does.
    #[track_caller]
    pub(crate) fn type_into(&self, selector: &str, text: &str) {
        self.run(&format!("document.querySelector({}).select()", json!(selector)));
        self.run(&format!("document.querySelector({}).focus()", json!(selector)));
        if text.is_empty() {
            self.press("Backspace");
        } else {
            self.call("Input.insertText", json!({"text": text}));
        }
    }

    /// Presses a key as a person does: the browser moves the focus and clicks what has it.
    pub(crate) fn press(&self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Backspace" => 8,
            "ArrowRight" => 39,
            _ => panic!("a key without a code: {key}"),
        };
        let event = |kind: &str| {
            let text = if key == "Enter" && kind == "keyDown" {
                "\r"
            } else {
                ""
            };
            json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text})
        };
        self.call("Input.dispatchKeyEvent", event("keyDown"));
        self.call("Input.dispatchKeyEvent", event("keyUp"));
    }

    /// The colour scheme that the person prefers.
    pub(crate) fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// Nothing but the page was asked for, nothing was refused by its policy, nothing went wrong, no dialog opened.
    #[track_caller]
    pub(crate) fn assert_quiet(&self) {
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
        let wire = self.wire.borrow();
        let of = |method: &str| {
            wire.events
                .iter()
                .filter(|event| event["method"] == method)
                .collect::<Vec<_>>()
        };
        let requests: Vec<_> = of("Network.requestWillBeSent")
            .iter()
            .map(|event| event["params"]["request"]["url"].clone())
            .collect();
        assert_eq!(requests.len(), 1, "{requests:?}");
        for method in [
            "Log.entryAdded",
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Page.javascriptDialogOpening",
        ] {
            assert!(of(method).is_empty(), "{:?}", of(method));
        }
    }
}

impl Wire {
    fn read(&mut self) -> Value {
        let mut message = Vec::new();
        self.output.read_until(0, &mut message).unwrap();
        assert_eq!(message.pop(), Some(0), "the browser has ended");
        serde_json::from_slice(&message).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let message = json!({"id": 0, "method": "Browser.close"});
        let _ = self
            .wire
            .get_mut()
            .input
            .write_all(format!("{message}\0").as_bytes());
        let _ = self.child.get_mut().wait();
    }
}
