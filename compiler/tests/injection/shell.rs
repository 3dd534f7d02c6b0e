//! What a shell makes of a command: operators, expansions, and words with their quotes taken off.
//!
//! Two commands with equal pieces but for a literal do the same with another word. Knows the shell's grammar as POSIX has it, with what bash
//! adds and plans use. Does not know what any program does with a word.

/// A piece of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that stands for itself, without its quotes.
    Literal(String),
    /// What the shell replaces or acts on inside a word: an expansion, a pattern.
    Active(String),
    /// What separates and joins commands.
    Operator(String),
    /// The end of a word, with the place of the whole word in the text.
    End(usize, usize),
}

/// Reads a whole command. What is never closed is an error.
pub fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut lexer = Lexer { text, at: 0, pieces: Vec::new(), literal: String::new(), word: None, heredocs: Vec::new() };
    lexer.commands(None)?;
    Ok(lexer.pieces)
}

struct Lexer<'text> {
    text: &'text str,
    at: usize,
    pieces: Vec<Piece>,
    literal: String,
    /// Where the word began that is being read.
    word: Option<usize>,
    /// Heredocs that begin after this line: the word that ends them, and whether they are quoted.
    heredocs: Vec<(String, bool)>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn push(&mut self, character: char) {
        self.begin();
        self.literal.push(character);
    }

    fn begin(&mut self) {
        self.word.get_or_insert(self.at);
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.pieces.push(Piece::Literal(std::mem::take(&mut self.literal)));
        }
    }

    fn active(&mut self, text: impl Into<String>) {
        self.begin();
        self.flush();
        self.pieces.push(Piece::Active(text.into()));
    }

    fn end_word(&mut self) {
        self.flush();
        if let Some(start) = self.word.take() {
            self.pieces.push(Piece::End(start, self.at));
        }
    }

    /// Until the closing character of a substitution, or the end.
    fn commands(&mut self, close: Option<char>) -> Result<(), String> {
        let mut depth = 0_usize;
        // `)` after a pattern of `case` closes nothing.
        let mut cases = 0_usize;
        while let Some(character) = self.peek() {
            let before_word = self.word.is_none();
            if before_word {
                self.begin_at(self.at);
            }
            match character {
                '\'' => self.single()?,
                '"' => self.double()?,
                '\\' => self.escape(),
                '$' => self.dollar(false)?,
                '`' if close == Some('`') => {
                    self.finish_empty(before_word);
                    self.end_word();
                    return Ok(());
                }
                '`' => self.backquote()?,
                '#' if before_word => {
                    self.word = None;
                    self.comment();
                }
                ' ' | '\t' => {
                    self.finish_empty(before_word);
                    self.end_word();
                    self.next();
                }
                '\n' => {
                    self.finish_empty(before_word);
                    self.end_word();
                    self.next();
                    self.pieces.push(Piece::Operator("\n".into()));
                    self.bodies()?;
                }
                ')' if close == Some(')') && depth == 0 && cases == 0 => {
                    self.finish_empty(before_word);
                    self.end_word();
                    self.next();
                    return Ok(());
                }
                ';' | '&' | '|' | '(' | ')' | '<' | '>' => {
                    self.finish_empty(before_word);
                    self.end_word();
                    match character {
                        '(' => depth += 1,
                        ')' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    self.operator()?;
                }
                '*' | '?' | '[' | ']' | '{' | '}' | '!' => {
                    self.next();
                    self.active(character);
                }
                '~' if before_word => {
                    self.next();
                    self.active('~');
                }
                other => {
                    self.next();
                    self.push(other);
                    if before_word {
                        cases += usize::from(self.rest_of_word("case", other));
                        cases -= usize::from(cases > 0 && self.rest_of_word("esac", other));
                    }
                }
            }
        }
        self.end_word();
        if close.is_some() { Err("a substitution is not closed".to_owned()) } else { Ok(()) }
    }

    fn begin_at(&mut self, at: usize) {
        self.word = Some(at);
    }

    /// No word began here after all.
    fn finish_empty(&mut self, before_word: bool) {
        if before_word {
            self.word = None;
        }
    }

    fn rest_of_word(&self, word: &str, first: char) -> bool {
        let Some(rest) = word.strip_prefix(first).and_then(|rest| self.rest().strip_prefix(rest)) else { return false };
        rest.chars().next().is_none_or(|next| next.is_whitespace() || next == ';' || next == ')')
    }

    fn comment(&mut self) {
        while self.peek().is_some_and(|character| character != '\n') {
            self.next();
        }
    }

    fn single(&mut self) -> Result<(), String> {
        self.next();
        loop {
            match self.next() {
                Some('\'') => return Ok(()),
                Some(character) => self.push(character),
                None => return Err("a single quote is not closed".to_owned()),
            }
        }
    }

    fn double(&mut self) -> Result<(), String> {
        self.next();
        loop {
            match self.peek() {
                Some('"') => {
                    self.next();
                    return Ok(());
                }
                Some('$') => self.dollar(true)?,
                Some('`') => self.backquote()?,
                Some('\\') => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(character @ ('$' | '`' | '"' | '\\')) => self.push(character),
                        Some(character) => {
                            self.push('\\');
                            self.push(character);
                        }
                        None => return Err("a backslash ends the command".to_owned()),
                    }
                }
                Some(character) => {
                    self.next();
                    self.push(character);
                }
                None => return Err("a double quote is not closed".to_owned()),
            }
        }
    }

    fn escape(&mut self) {
        self.next();
        match self.next() {
            Some('\n') | None => {}
            Some(character) => self.push(character),
        }
    }

    fn dollar(&mut self, quoted: bool) -> Result<(), String> {
        self.next();
        if self.rest().starts_with("((") {
            let end = self.rest().find("))").ok_or("an arithmetic expression is not closed")?;
            let inside = format!("${}", &self.rest()[..end + 2]);
            self.at += end + 2;
            self.active(inside);
        } else if self.take("(") {
            self.active("$(");
            let word = self.word.take();
            self.commands(Some(')'))?;
            self.word = word;
            self.active(")");
        } else if self.peek() == Some('{') {
            let end = self.rest().find('}').ok_or("an expansion is not closed")?;
            let inside = format!("${}", &self.rest()[..=end]);
            self.at += end + 1;
            self.active(inside);
        } else if !quoted && self.peek() == Some('\'') {
            // Its escapes are not read: nothing that was written may stand in one.
            let end = self.rest()[1..].find('\'').ok_or("a quote is not closed")?;
            let inside = format!("${}", &self.rest()[..end + 2]);
            self.at += end + 2;
            self.active(inside);
        } else {
            let length =
                self.rest().find(|character: char| !character.is_ascii_alphanumeric() && character != '_').unwrap_or(self.rest().len());
            let special = self.peek().filter(|character| "?!#$@*-".contains(*character));
            let name = special.map_or_else(|| self.rest()[..length].to_owned(), String::from);
            self.at += name.len();
            if name.is_empty() { self.push('$') } else { self.active(format!("${name}")) }
        }
        Ok(())
    }

    fn backquote(&mut self) -> Result<(), String> {
        self.next();
        self.active("`");
        let word = self.word.take();
        self.commands(Some('`'))?;
        self.word = word;
        self.next();
        self.active("`");
        Ok(())
    }

    fn operator(&mut self) -> Result<(), String> {
        let known = ["<<<", "<<-", ";;", "&&", "||", "<<", ">>", "<&", ">&", "&>", "<(", ">(", ";", "&", "|", "(", ")", "<", ">"];
        let operator = known.into_iter().find(|operator| self.rest().starts_with(operator)).unwrap_or(";");
        self.at += operator.len();
        self.pieces.push(Piece::Operator(operator.to_owned()));
        if operator == "<(" || operator == ">(" {
            self.commands(Some(')'))?;
            self.pieces.push(Piece::Operator(")".to_owned()));
        } else if operator == "<<" || operator == "<<-" {
            let quoted = self.rest().starts_with('\'');
            let word = self.rest().trim_start_matches('\'');
            let word: String = word.chars().take_while(|character| character.is_ascii_alphanumeric() || *character == '_').collect();
            self.heredocs.push((word, quoted));
        }
        Ok(())
    }

    /// The bodies of the heredocs of the line that has ended. A quoted one is a literal as a whole.
    fn bodies(&mut self) -> Result<(), String> {
        for (end, quoted) in std::mem::take(&mut self.heredocs) {
            let mut length = 0;
            let closed = self.rest().split_inclusive('\n').any(|line| {
                let is_end = line.trim_end_matches('\n') == end;
                length += if is_end { 0 } else { line.len() };
                is_end
            });
            if !closed {
                return Err(format!("the heredoc {end} is not closed"));
            }
            let body = self.rest()[..length].to_owned();
            self.at += length + end.len();
            if quoted {
                self.pieces.push(Piece::Literal(body));
            } else {
                let expansions = body.matches(['$', '`', '\\']).count();
                self.pieces.extend([Piece::Active(format!("{expansions} expansions")), Piece::Literal(body)]);
            }
            self.pieces.push(Piece::Operator("end of heredoc".to_owned()));
        }
        Ok(())
    }
}
