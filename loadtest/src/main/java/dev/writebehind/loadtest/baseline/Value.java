package dev.writebehind.loadtest.baseline;

import dev.writebehind.config.DatabaseUri;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The values that the processes' options may have; each says what is wrong with another. Stateless. */
final class Value {
    private Value() {}

    /** A whole number from 1. */
    static final class Positive implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return integer(text, 1);
        }
    }

    /** A whole number from 0. */
    static final class NotNegative implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return integer(text, 0);
        }
    }

    /** A number between 0 and 1. */
    static final class Share implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            double value = Double.parseDouble(text);
            if (!(value >= 0 && value <= 1)) {
                throw new TypeConversionException("must be between 0 and 1, was " + text);
            }
            return value;
        }
    }

    /** The address of a schema. */
    static final class Database implements ITypeConverter<DatabaseUri> {
        @Override
        public DatabaseUri convert(String text) {
            try {
                return DatabaseUri.parse(text);
            } catch (IllegalArgumentException e) {
                TypeConversionException wrong = new TypeConversionException(String.valueOf(e.getMessage()));
                wrong.initCause(e);
                throw wrong;
            }
        }
    }

    private static int integer(String text, int least) {
        int value = Integer.parseInt(text);
        if (value < least) {
            throw new TypeConversionException("must be at least " + least + ", was " + text);
        }
        return value;
    }
}
