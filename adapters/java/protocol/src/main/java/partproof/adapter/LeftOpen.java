package partproof.adapter;

/** An upload that failed could not be aborted: who pays for its parts has to know which it is. Suppressed by what made it fail. */
public final class LeftOpen extends Exception {
    private static final long serialVersionUID = 1;

    public LeftOpen(String uploadId, Throwable cause) {
        super("the upload " + uploadId + " could not be aborted and stays open", cause);
    }
}
