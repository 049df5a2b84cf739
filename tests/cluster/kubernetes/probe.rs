//! What the cluster tests run in a pod: the node's pause container, and small programs that end in a known way.
//! One static file without dependencies, so that its image is that file.

use std::{env, fs, io::Read, io::Write, net::TcpListener, process::exit, thread::sleep, time::Duration};

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["pause"] => sleep(Duration::MAX),
        ["sleep", seconds] => sleep(Duration::from_secs(number(seconds))),
        ["exit", code] => exit(number(code) as i32),
        // `exit-by-index 0,73,0`: each index of an Indexed Job ends with its own code.
        ["exit-by-index", codes] => {
            let index = env::var("JOB_COMPLETION_INDEX").expect("a pod of an Indexed Job");
            let code = codes
                .split(',')
                .nth(number(&index) as usize)
                .expect("a code for each index");
            exit(number(code) as i32)
        }
        ["message-then-fill", mebibytes] => {
            fs::write(
                "/dev/termination-log",
                format!("{:4096}", "{\"genome\":\"in hand\"}"),
            )
            .expect("a message file");
            fill(number(mebibytes));
        }
        ["serve", port] => serve(number(port) as u16),
        _ => exit(64),
    }
}

fn number(word: &str) -> u64 {
    word.parse().unwrap_or_else(|_| exit(64))
}

fn fill(mebibytes: u64) {
    let pages: Vec<Vec<u8>> = (0..mebibytes)
        .map(|index| vec![index as u8 | 1; 1 << 20])
        .collect();
    println!("filled {} MiB", pages.len());
}

fn serve(port: u16) {
    for connection in TcpListener::bind(("0.0.0.0", port))
        .expect("a free port")
        .incoming()
    {
        let Ok(mut connection) = connection else { continue };
        let _ = connection.read(&mut [0; 4096]);
        let _ =
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nprobe\n");
    }
}
