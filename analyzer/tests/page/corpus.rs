//! Two hundred names that want to be something else: every way out of a context, before everything that might run there.

/// Ways out of an attribute, an element, a script, a comment, a cell.
const BEFORE: [&str; 10] = [
    "",
    "\">",
    "'>",
    "</script>",
    "</title></style>",
    "--><!--",
    "]]>",
    "</td></tr></table>",
    "\\u003c/script>",
    "`};",
];

/// What would run, load, or be computed; `RAN` is what a script that got out would set.
const BODIES: [&str; 20] = [
    "<script>RAN=1</script>",
    "<img src=x onerror=RAN=1>",
    "<svg onload=RAN=1>",
    "<svg><script>RAN=1</script></svg>",
    "<iframe srcdoc='<script>parent.RAN=1</script>'></iframe>",
    "<body onload=RAN=1>",
    "<input autofocus onfocus=RAN=1>",
    "<details open ontoggle=RAN=1>",
    "<math><mi xlink:href='javascript:RAN=1'>x</mi></math>",
    "<a href=javascript:RAN=1 id=data>x</a>",
    "<link rel=stylesheet href=https://example.invalid/x.css>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
    "<base href=https://example.invalid/>",
    "<form id=map action=https://example.invalid/><button>",
    "\" onmouseover=RAN=1 x=\"",
    "${RAN=1}{{constructor.constructor('RAN=1')()}}",
    "=HYPERLINK(\"https://example.invalid/\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u{1b}[31mred\u{1b}]8;;https://example.invalid/\u{7}x",
    "\u{202e}&lt;script&gt;RAN=1&lt;/script&gt;\u{2028}\u{0085}",
];

/// All of them, numbered so that no two are the same name.
pub(crate) fn hostile() -> Vec<String> {
    BEFORE
        .iter()
        .flat_map(|before| BODIES.iter().map(move |body| format!("{before}{body}")))
        .collect()
}

/// Names of the same length and with the same places to break, which want nothing.
pub(crate) fn harmless() -> Vec<String> {
    let letter = |character: char| if character == '_' { '_' } else { 'x' };
    let plain = |(number, name): (usize, String)| {
        let mut plain: String = name.chars().map(letter).collect();
        plain.push_str(&number.to_string());
        plain
    };
    hostile().into_iter().enumerate().map(plain).collect()
}
