package io.pgseam.testing;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** The rows of a {@link Matrix} that this run has. */
final class MatrixRows implements ArgumentsProvider, AnnotationConsumer<Matrix> {

    private Stream<String> rows = Stream.of();

    @Override
    public void accept(Matrix matrix) {
        if (matrix.build().length == 0) {
            throw new IllegalArgumentException("a matrix without a row in the build: its test would run at night only");
        }
        rows = Stream.concat(
                Arrays.stream(matrix.build()), Arrays.stream(Extent.ofThisRun(new String[0], matrix.nightly())));
    }

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        return rows.map(row -> Arguments.of((Object[]) row.split(" *, *", -1)));
    }
}
