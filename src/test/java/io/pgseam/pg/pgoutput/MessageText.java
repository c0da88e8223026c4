package io.pgseam.pg.pgoutput;

import io.pgseam.pg.TextRow;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Everything that a message says, as text, so that messages whose rows are flyweights can be compared. */
final class MessageText {

    private MessageText() {}

    static String of(Message message) {
        if (message instanceof Insert insert) {
            return "insert " + insert.relationOid() + " " + of(insert.row());
        }
        if (message instanceof Update update) {
            TextRow oldRow = update.oldRow();
            return "update " + update.relationOid() + " " + update.oldTuple() + (oldRow == null ? "" : " " + of(oldRow))
                    + " " + of(update.newRow());
        }
        if (message instanceof Delete delete) {
            return "delete " + delete.relationOid() + " " + delete.oldTuple() + " " + of(delete.oldRow());
        }
        if (message instanceof LogicalMessage logical) {
            ByteBuffer content = logical.content();
            byte[] bytes = new byte[content.remaining()];
            content.get(bytes);
            return "message " + logical.transactional() + " " + logical.lsn() + " " + logical.prefix() + " "
                    + HexFormat.of().formatHex(bytes);
        }
        return message.toString();
    }

    static String of(TextRow row) {
        StringBuilder text = new StringBuilder("(");
        for (int field = 0; field < row.size(); field++) {
            text.append(field == 0 ? "" : "|");
            text.append(row.isNull(field) ? "NULL" : row.isUnchanged(field) ? "UNCHANGED" : row.text(field));
        }
        return text.append(')').toString();
    }
}
