//! Code blocks and links of a page in Markdown: blocks indented by four spaces, or fenced.

/// One block.
pub struct Block {
    /// Line of the page, from 1.
    pub line: usize,
    /// Without its indentation.
    pub text: String,
}

impl Block {
    /// Its command lines: continued ones joined, comments and what is no command left out.
    pub fn commands(&self) -> Vec<String> {
        const PROGRAMS: [&str; 7] = [
            "kubectl",
            "kubectl-genome",
            "genomic_pleiotropy",
            "make",
            "helm",
            "target/debug/genomic_pleiotropy",
            "target/debug/kubectl-genome",
        ];
        let joined = self.text.replace("\\\n", " ");
        let lines = joined.lines().map(|line| {
            let line = line.split(" # ").next().unwrap_or_default().trim();
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        lines
            .filter(|line| PROGRAMS.contains(&line.split(' ').next().unwrap_or_default()))
            .collect()
    }
}

/// The blocks of `page`.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::<Block>::new();
    let (mut fence, mut open) = (false, false);
    for (number, line) in page.lines().enumerate() {
        if line.starts_with("```") {
            (fence, open) = (!fence, false);
            continue;
        }
        let text = if fence {
            Some(line)
        } else {
            line.strip_prefix("    ")
        };
        let follows_blank = number == 0
            || page
                .lines()
                .nth(number - 1)
                .is_some_and(|before| before.trim().is_empty());
        match text {
            Some(text) if open => {
                let block = blocks.last_mut().unwrap();
                block.text += &format!("{text}\n");
            }
            Some(text) if fence || follows_blank => {
                open = true;
                let text = format!("{text}\n");
                blocks.push(Block {
                    line: number + 1,
                    text,
                });
            }
            None if line.trim().is_empty() && open => blocks.last_mut().unwrap().text.push('\n'),
            _ => open = false,
        }
    }
    blocks
}

/// Targets of `[text](target)`.
pub fn links(page: &str) -> Vec<String> {
    let parts = page.split("](").skip(1);
    parts
        .filter_map(|part| Some(part.split_once(')')?.0.to_owned()))
        .collect()
}

#[test]
fn blocks_links_and_commands_are_found() {
    let page = "Text [a](b.md).\n\n    make test   # all\n    kubectl get ga \\\n      -o wide\n\nAnd\n\n```yaml\ngenomes:\n```\n";
    let found = blocks(page);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].commands(), ["make test", "kubectl get ga -o wide"]);
    assert_eq!((found[1].text.as_str(), found[0].line), ("genomes:\n", 3));
    assert_eq!(links(page), ["b.md"]);
}
