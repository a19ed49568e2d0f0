package net.vgate.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Says in a line what a person needs to know of a file that is not to be had; the JDK's own messages name it only. */
public final class FileFault {
    private FileFault() {}

    /** Which file, and why. */
    public static String line(IOException fault) {
        if (fault instanceof FileSystemException ofFile) {
            return ofFile.getFile() + ": " + reason(ofFile);
        }
        return fault.getMessage() == null ? fault.toString() : fault.getMessage();
    }

    private static String reason(FileSystemException fault) {
        if (fault instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (fault instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (fault instanceof FileAlreadyExistsException) {
            return "exists already";
        }
        if (fault instanceof NotDirectoryException) {
            return "is no folder";
        }
        return fault.getReason() == null ? fault.toString() : fault.getReason();
    }
}
