package io.pgseam.stream;

import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.TextRow;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Large values of those relations with text that the server cannot convert to UTF-8: they are read as they are stored. */
final class UnconvertedValues {

    private static final Logger LOG = LoggerFactory.getLogger(UnconvertedValues.class);

    private final boolean replaceInvalidText;
    private final Set<Long> relations = new HashSet<>();

    /** @param replaceInvalidText whether a text that is not valid gets U+FFFD; else it is a failure */
    UnconvertedValues(boolean replaceInvalidText) {
        this.replaceInvalidText = replaceInvalidText;
    }

    /** From now on values of this relation are read as they are stored; false if they are already. */
    boolean begin(CapturedRelation relation) {
        return relations.add(relation.oid());
    }

    /** Whether values of this relation are read as they are stored. */
    boolean include(CapturedRelation relation) {
        return relations.contains(relation.oid());
    }

    /**
     * The values that a lookup wants, in UTF-8.
     *
     * @param fields the columns of the relation that the line has, by their place in it
     * @throws ConnectException if one is not valid in the database's encoding, unless such texts are replaced
     */
    TextRow converted(
            Lookup lookup, TextRow line, List<Integer> fields, CapturedRelation relation, DatabaseEncoding encoding) {
        List<byte @Nullable []> values = new ArrayList<>();
        for (int field : lookup.wanted()) {
            int place = LookupStatement.VALUES_FROM + fields.indexOf(field);
            if (place < LookupStatement.VALUES_FROM || line.isNull(place)) {
                values.add(null);
                continue;
            }
            byte[] stored = DatabaseEncoding.bytesOf(line, place);
            try {
                values.add(encoding.utf8(stored));
            } catch (CharacterCodingException invalid) {
                String where = "A large value of column "
                        + relation.columns().get(field).name() + " of table " + relation.id() + " for an update at "
                        + lookup.commitLsn() + " cannot be converted from " + encoding.name() + " to UTF-8";
                if (!replaceInvalidText) {
                    throw new ConnectException(where
                            + ". Set text.invalid=replace to have what is not valid replaced by U+FFFD, or correct the row in the"
                            + " source");
                }
                LOG.warn("{}: what is not valid is replaced by U+FFFD (text.invalid=replace)", where);
                values.add(encoding.utf8Replacing(stored));
            }
        }
        return TextRow.of(values);
    }
}
