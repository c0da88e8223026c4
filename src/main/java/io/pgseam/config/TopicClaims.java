package io.pgseam.config;

import io.pgseam.pg.TableId;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The topics of the tables that a task has met. Tables that come up while it runs were not there to be validated, and must not
 * be mixed silently with others.
 */
public final class TopicClaims {

    private final TopicNaming naming;
    private final Map<String, TableId> owners = new HashMap<>();

    public TopicClaims(TopicNaming naming) {
        this.naming = naming;
    }

    /**
     * Gives a table of the plan its topic before tables that come later claim theirs. A topic of the connector's own is refused only
     * when a record is to be made, so that one table does not stop the others.
     *
     * @throws ConnectException if another table has it, which is not meant to share it
     */
    public void hold(TableId table) {
        if (naming.ownTopicFault(table) == null) {
            claim(table);
        }
    }

    /**
     * The topic of a table.
     *
     * @throws ConnectException if it is a topic of the connector's own, or another table has it, which is not meant to share it
     */
    public String claim(TableId table) {
        Fault own = naming.ownTopicFault(table);
        if (own != null) {
            throw new ConnectException("Table " + table.quoted() + " cannot have its topic: " + own.message());
        }
        String topic = naming.topicFor(table);
        TableId owner = owners.putIfAbsent(TopicNaming.metricName(topic), table);
        if (owner != null && !naming.mayShare(owner, table)) {
            throw new ConnectException("Tables " + owner.quoted() + " and " + table.quoted() + " would share the topic "
                    + topic + " (or differ from it only in dot and underscore): exclude one of them with"
                    + " table.exclude.list, or give it another topic with topic.mapping, and restart the task");
        }
        return topic;
    }
}
