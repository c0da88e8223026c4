package io.pgseam.snapshot;

import io.pgseam.ledger.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** Reads plans by the text that stands for them in task configurations and in the ledger. Keeps the last one: it is asked for again and again. */
public final class PlanReader {

    private final Ledger ledger;
    private @Nullable String lastText;
    private CopyPlan last = CopyPlan.NOTHING;

    public PlanReader(Ledger ledger) {
        this.ledger = ledger;
    }

    /**
     * The plan that a text stands for.
     *
     * @throws IllegalArgumentException if it stands for none
     * @throws ConnectException if the ledger does not have all of it
     */
    public synchronized CopyPlan read(String text) {
        if (!text.equals(lastText)) {
            String index = StoredPlan.indexOf(text);
            last = index.isEmpty() ? CopyPlanCodec.decode(text) : assembled(index);
            lastText = text;
        }
        return last;
    }

    private CopyPlan assembled(String index) {
        List<String> listed = StoredPlan.listedIn(required(ledger.planParts(List.of(index)), index, index));
        Map<String, String> texts = ledger.planParts(listed);
        List<CopyPlan> parts = new ArrayList<>();
        for (String digest : listed) {
            parts.add(CopyPlanCodec.decode(required(texts, digest, index)));
        }
        return CopyPlan.joined(parts);
    }

    private static String required(Map<String, String> texts, String digest, String index) {
        String text = texts.get(digest);
        if (text == null || !StoredPlan.digest(text).equals(digest)) {
            throw new ConnectException("Connect's offsets lack part " + digest + " of plan " + index
                    + ", which was there when the tasks were configured: somebody has deleted or altered offsets of this connector. To start"
                    + " over: stop the connector and DELETE /connectors/<name>/offsets");
        }
        return text;
    }

    /** The digests of all parts of a plan that the ledger has, its index included; none if it does not have the index. */
    public List<String> partsOf(String index) {
        String listed = ledger.planParts(List.of(index)).get(index);
        if (listed == null) {
            return List.of();
        }
        List<String> digests = new ArrayList<>(StoredPlan.listedIn(listed));
        digests.add(index);
        return digests;
    }
}
