package io.pgseam.tool.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.melin.superior.parser.starrocks.antlr4.StarRocksLexer;
import io.github.melin.superior.parser.starrocks.antlr4.StarRocksParser;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CodePointCharStream;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.Lexer;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.TokenStream;
import org.antlr.v4.runtime.misc.Interval;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Parses the statements that {@link StatementsTest} holds with the grammars of the systems that they are for. */
class StatementGrammarTest {

    private static final Path STATEMENTS = Path.of("src", "test", "resources", "io", "pgseam", "tool", "dialect");
    /** The grammar on Maven Central is one of before 3.3.2, in which StarRocks learned to rename columns. */
    private static final String RENAMES = "(?m)^ALTER TABLE \\S+ RENAME COLUMN \\S+ TO \\S+;$";

    private static final String DORIS_PARSER = "pgseam.doris.parser";

    @Test
    void starRocks() throws IOException {
        List<String> problems = new ArrayList<>();
        for (Path file : statements("starrocks-")) {
            Lexer lexer = new StarRocksLexer(read(file, RENAMES));
            StarRocksParser parser = new StarRocksParser(new CommonTokenStream(lexer));
            collect(problems, file, lexer, parser);
            parser.sqlStatements();
        }
        assertThat(problems).isEmpty();
    }

    /** The grammar refuses what StarRocks has no grammar for: the test above can fail. */
    @Test
    void theGrammarRefusesOtherStatements() {
        List<String> problems = new ArrayList<>();
        Lexer lexer = new StarRocksLexer(
                new UpperCase(CharStreams.fromString("ALTER TABLE `a`.`b` ADD COLUMN `c` INTO `d`;")));
        StarRocksParser parser = new StarRocksParser(new CommonTokenStream(lexer));
        collect(problems, Path.of("invented.sql"), lexer, parser);
        parser.sqlStatements();
        assertThat(problems).isNotEmpty();
    }

    @Test
    @EnabledIfSystemProperty(
            named = DORIS_PARSER,
            matches = ".+",
            disabledReason = "the grammar of Doris is in no Maven repository: CONTRIBUTING.md says how to give it")
    void doris() throws Exception {
        List<String> problems = new ArrayList<>();
        URL compiled = new File(System.getProperty(DORIS_PARSER)).toURI().toURL();
        try (URLClassLoader grammar =
                new URLClassLoader(new URL[] {compiled}, getClass().getClassLoader())) {
            for (Path file : statements("doris-")) {
                Lexer lexer = (Lexer) grammar.loadClass("DorisLexer")
                        .getConstructor(CharStream.class)
                        .newInstance(read(file, ""));
                Parser parser = (Parser) grammar.loadClass("DorisParser")
                        .getConstructor(TokenStream.class)
                        .newInstance(new CommonTokenStream(lexer));
                collect(problems, file, lexer, parser);
                parser.getClass().getMethod("multiStatements").invoke(parser);
            }
        }
        assertThat(problems).isEmpty();
    }

    private static List<Path> statements(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(STATEMENTS)) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().startsWith(prefix)
                                    && file.getFileName().toString().endsWith(".sql"))
                    .sorted()
                    .toList();
            assertThat(found).hasSizeGreaterThan(5);
            return found;
        }
    }

    private static CharStream read(Path file, String leftOut) throws IOException {
        return new UpperCase(CharStreams.fromString(Files.readString(file).replaceAll(leftOut, "")));
    }

    private static void collect(List<String> problems, Path file, Lexer lexer, Parser parser) {
        BaseErrorListener listener = new BaseErrorListener() {
            @Override
            public void syntaxError(
                    Recognizer<?, ?> recognizer,
                    Object symbol,
                    int line,
                    int column,
                    String message,
                    RecognitionException failure) {
                problems.add(file.getFileName() + " line " + line + ", column " + column + ": "
                        + message.substring(0, Math.min(message.length(), 200)));
            }
        };
        lexer.removeErrorListeners();
        lexer.addErrorListener(listener);
        parser.removeErrorListeners();
        parser.addErrorListener(listener);
    }

    /** As both systems read SQL: keywords match in any case, and texts keep theirs. */
    private record UpperCase(CodePointCharStream text) implements CharStream {

        @Override
        public int LA(int offset) {
            int found = text.LA(offset);
            return found <= 0 ? found : Character.toUpperCase(found);
        }

        @Override
        public String getText(Interval interval) {
            return text.getText(interval);
        }

        @Override
        public void consume() {
            text.consume();
        }

        @Override
        public int mark() {
            return text.mark();
        }

        @Override
        public void release(int marker) {
            text.release(marker);
        }

        @Override
        public int index() {
            return text.index();
        }

        @Override
        public void seek(int index) {
            text.seek(index);
        }

        @Override
        public int size() {
            return text.size();
        }

        @Override
        public String getSourceName() {
            return text.getSourceName();
        }
    }
}
